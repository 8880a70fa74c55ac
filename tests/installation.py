"""A whole installation under test: the processes that script/server starts."""

import os
import re
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from riskregister import env, variables
from tests.waiting import PATIENCE, until


def stop(process: "subprocess.Popen[bytes] | subprocess.Popen[str]") -> int:
    """Stop a process that leads a session, with SIGTERM, or with force when it does not obey; return its code."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        return process.wait(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        return process.wait()


class Installation:
    """`manage.py serve` in a data folder of its own: what it printed, where it answers, and its process."""

    def __init__(self, process: "subprocess.Popen[str]", folder: Path) -> None:
        """Collect what the process prints until it ends."""
        self.process = process
        self.folder = folder
        self.signs: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @classmethod
    def start(cls, folder: Path, *, flags: Sequence[str], extra: Mapping[str, str]) -> "Installation":
        """Start it on a free port with an environment that holds nothing of the tests' own."""
        inherited = {name: value for name, value in os.environ.items() if name not in variables.VARIABLES}
        inherited.pop("DJANGO_SETTINGS_MODULE", None)
        process = subprocess.Popen(
            [sys.executable, str(env.BASE_DIR / "manage.py"), "serve", *flags],
            env={**inherited, "RISKREGISTER_DATA_DIR": str(folder), "PORT": "0", **extra},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        return cls(process, folder)

    @property
    def printed(self) -> str:
        """Return all that was printed so far."""
        return "".join(self.signs)

    def address(self) -> str:
        """Wait until the register answers, and return its address; raise AssertionError when it ends instead."""
        until(self._answers, what=lambda: f"the register to answer:\n{self.printed}")
        return self._shown_address()

    def status(self, url: str) -> int:
        """Return the HTTP status of a page, 0 when nothing answers."""
        try:
            with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def ending(self) -> tuple[int, str]:
        """Wait for it to end by itself; return its exit code and all that it printed."""
        code = self.process.wait(timeout=PATIENCE)
        self._reader.join(timeout=PATIENCE)
        return code, self.printed

    def stop(self) -> int:
        """Stop it as Ctrl-C does; return its exit code."""
        return stop(self.process)

    def _answers(self) -> bool:
        if self.process.poll() is not None:
            self._reader.join(timeout=PATIENCE)
            raise AssertionError(f"It ended instead of serving:\n{self.printed}")
        address = self._shown_address()
        return bool(address) and self.status(f"{address}/healthz") != 0

    def _shown_address(self) -> str:
        found = re.search(r"The register runs at (\S+)", self.printed)
        return found[1] if found else ""

    def _read(self) -> None:
        assert self.process.stdout
        # Sign by sign: the months of the demo organisation are one line until the last of them is over.
        for sign in iter(partial(self.process.stdout.read, 1), ""):
            self.signs.append(sign)
