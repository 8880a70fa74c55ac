"""What gunicorn does around its workers; its options stand in the command `serve`."""

import os
import signal
from typing import Any

from operations.supervisor import die_with


def post_fork(arbiter: Any, worker: Any) -> None:
    """Let a worker end with the process that tends it, so that nothing keeps the port when that one is killed."""
    die_with(os.getppid(), number=signal.SIGKILL)()
