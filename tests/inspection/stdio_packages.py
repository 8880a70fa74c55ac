"""Packages in the folder of prepared ones, whose command is `tests.inspection.stdio_server`."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from inspection.packages import OWN_COMMAND, Packaged
from tests.inspection import stdio_server

needs_sandbox = pytest.mark.skipif(
    shutil.which("bwrap") is None,
    reason="bubblewrap (bwrap) is not on this machine: script/bootstrap servers installs it",
)


def prepared(folder: Path, behaviour: Callable[[], None] | str = "serve", **packaged: Any) -> Packaged:
    """Return a prepared package whose server behaves so."""
    fields: dict[str, Any] = {"registry_type": "npm", "identifier": "@example/weather", "version": "1.2.3"} | packaged
    made = Packaged(folder=folder, **fields)
    made.place.mkdir(parents=True)
    script = Path(stdio_server.__file__).read_text()
    command = made.place / OWN_COMMAND
    command.write_text(f"#!/usr/bin/env python3\n{script}")
    command.chmod(0o755)
    name = behaviour if isinstance(behaviour, str) else behaviour.__name__
    (made.place / "behaviour").write_text(name)
    return made
