"""Runs pip in a process that can start no other one, so that nothing of a package runs while it is installed.

Started as a file by Python, with the arguments of pip: it imports nothing of the product. `--only-binary` binds what an
index offers; what a wheel demands from an address pip builds all the same, which runs code of the package, and what it
demands from a repository is fetched by a program. Both start a process.
"""

import runpy
import sys

_STARTS = frozenset(
    ("subprocess.Popen", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.startfile", "os.system")
)
# Where the C library is musl pip asks its loader for its version.
_LOADER = "/lib/ld-musl-"


def refuse(event: str, arguments: tuple[object, ...]) -> None:
    """Raise PermissionError when a process is about to be started: pip goes on without what it asks programs for."""
    if event in _STARTS and not str(next(iter(arguments), "")).startswith(_LOADER):
        raise PermissionError("Nothing is started while a package is installed: it needs something that is no wheel.")


if __name__ == "__main__":
    sys.addaudithook(refuse)
    runpy.run_module("pip", run_name="__main__", alter_sys=True)
