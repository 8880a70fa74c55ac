"""Where a vendor's program runs while it is looked at: without a network, without our files and variables.

Bubblewrap makes it of namespaces of the kernel: the system read-only, a small folder of its own to write to, no
process but its own. All of it dies with the process that looks (docs/adr/0029).
"""

import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from inspection import confined
from inspection.bounds import NothingSeen

# Where the program finds its package, and where it may write.
PACKAGE, SCRATCH = "/package", "/tmp"  # noqa: S108 - a folder within the sandbox, gone with it.
PYTHON = str(Path(sys.base_prefix) / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}")
_SCRATCH_BYTES = 64 * confined.MIB
_CONFINED, _PASSWD = "/confined.py", Path(__file__).with_name("passwd")
_BESIDE_USR = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
# Where somebody put one into their own folder, the rest of it is theirs.
_OF_A_RUNTIME = ("bin", "lib", "lib64")
# Names of processes, messages between them, their numbers, the machine's name, and all networks: none of ours.
_OWN = ("--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try")
# Root becomes somebody else in it (see `confined`); anybody else gets a namespace of users, and none within it.
_OF_ROOT = ("--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID")
_OF_OTHERS = ("--unshare-user", "--disable-userns")


def command(program: Sequence[str], *, package: Path, environment: Mapping[str, str]) -> list[str]:
    """Return the command that starts a program of a package in a sandbox. Raises NothingSeen where there is none.

    `environment` is what the program gets besides, when it is confined already.
    """
    wrapper = shutil.which("bwrap")
    if wrapper is None:
        raise NothingSeen(
            "no_sandbox", "There is no bubblewrap (bwrap) on this machine, and the register starts no package without "
            "a sandbox. Install it, or import what you capture yourself.",
        )  # fmt: skip
    variables = {"PATH": _path(), "HOME": SCRATCH, "TMPDIR": SCRATCH, "LANG": "C.UTF-8"}
    return [
        wrapper, *_OWN, "--die-with-parent", "--new-session", "--hostname", "sandbox",
        *(_OF_ROOT if os.getuid() == 0 else _OF_OTHERS),
        *_system(), "--ro-bind", str(package), PACKAGE, "--ro-bind", confined.__file__, _CONFINED,
        "--proc", "/proc", "--dev", "/dev", "--perms", "1777", "--size", str(_SCRATCH_BYTES), "--tmpfs", SCRATCH,
        # What bubblewrap makes of memory itself has no size: only the scratch folder can be written to.
        "--remount-ro", "/dev", "--remount-ro", "/",
        "--chdir", SCRATCH, "--clearenv",
        *(word for name, value in variables.items() for word in ("--setenv", name, value)),
        "--", PYTHON, "-I", "-S", _CONFINED, json.dumps(dict(environment)), *program,
    ]  # fmt: skip


def _system() -> Iterator[str]:
    """Yield what is shown of the machine: programs and libraries, nothing of what is configured or kept."""
    yield from ("--ro-bind", "/usr", "/usr")
    for name in _BESIDE_USR:
        beside = Path(name)
        if beside.is_symlink():
            yield from ("--symlink", str(beside.readlink()), name)
        elif beside.is_dir():
            yield from ("--ro-bind", name, name)
    for runtime in _runtimes():
        yield from _open(*reversed(runtime.parents[:-1]), runtime)
        for part in (one for name in _OF_A_RUNTIME if (one := runtime / name).is_dir()):
            yield from ("--ro-bind", str(part), str(part))
    yield from _open(Path("/etc"))
    yield from ("--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache")
    yield from ("--ro-bind-try", "/etc/alternatives", "/etc/alternatives")
    yield from ("--ro-bind", str(_PASSWD), "/etc/passwd")


def _open(*folders: Path) -> Iterator[str]:
    """Yield what makes empty folders that anybody may enter: those that bubblewrap makes on its way are its own."""
    for folder in folders:
        yield from ("--perms", "0755", "--dir", str(folder))


def _runtimes() -> list[Path]:
    """Return the folders of Python and Node that are not part of the system."""
    node = shutil.which("node")
    found = [Path(sys.base_prefix), *([Path(node).resolve().parents[1]] if node else [])]
    return [one for one in dict.fromkeys(found) if not one.is_relative_to("/usr")]


def _path() -> str:
    own = [str(one / "bin") for one in _runtimes()]
    return ":".join([*own, "/usr/local/bin", "/usr/bin", "/bin"])
