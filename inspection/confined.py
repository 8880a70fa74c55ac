"""Runs within the sandbox before the server's program, and becomes it: sets limits, and gives up being root.

Started as a file by a bare Python: it imports nothing of the product. What the server's document sets as variables is
for its program alone: some of them, such as LD_PRELOAD, would let it run here, before anything is limited. The limits
are set here and not around the sandbox, since the kernel counts processes by the namespace in which one was set.
"""

import ctypes
import errno
import json
import os
import resource
import struct
import sys

# Says that the sandbox stands. A stranger's program cannot have written it: it has not begun.
READY = b"confined\n"
# Nobody's: a limit of processes does not bind root.
USER = 65_533
MIB = 1024 * 1024
LIMITS = (
    # Not the address space: a JavaScript engine reserves gigabytes of it that it never uses.
    (resource.RLIMIT_DATA, 1024 * MIB),
    (resource.RLIMIT_NPROC, 100),
    (resource.RLIMIT_CPU, 60),
    (resource.RLIMIT_FSIZE, 16 * MIB),
    (resource.RLIMIT_NOFILE, 256),
    (resource.RLIMIT_CORE, 0),
)
# By which a kernel knows calls and namespaces (linux/audit.h, unistd.h, sched.h, seccomp.h): of the machines that are
# usual, the number of the architecture and those of clone and unshare.
_CALLS = {"x86_64": (0xC000003E, 56, 272), "aarch64": (0xC00000B7, 220, 97)}
_CLONE3, _OTHER_NUMBERS, _OF_USERS = 435, 0x40000000, 0x10000000
_SET_SECCOMP, _FILTER = 22, 2
_LOAD, _IF_EQUAL, _IF_HAS, _RETURN = 0x20, 0x15, 0x45, 0x06
_NUMBER_AT, _ARCHITECTURE_AT, _FLAGS_AT = 0, 4, 16
_ALLOWED, _REFUSED, _UNKNOWN = 0x7FFF0000, 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS


class _Filter(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_char_p))


def main(variables: str, command: list[str]) -> None:
    """Become the command, within the limits, with the variables (an object of JSON) beside those that are set."""
    for which, most in LIMITS:
        hard = resource.getrlimit(which)[1]
        limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(which, (limit, limit))
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(USER)
        os.setuid(USER)
        refuse_namespaces_of_users()
    os.write(sys.stdout.fileno(), READY)
    os.execve(command[0], command, os.environ | json.loads(variables))  # noqa: S606 - no shell is wanted.


def refuse_namespaces_of_users() -> None:
    """Let nobody from here on make a namespace of users, in which one is root and mounts memory without a bound.

    Where bubblewrap makes one itself it refuses more of them; root is not given one. A call whose flags stand in memory
    cannot be judged: libraries that are told that it is unknown use the other one. Raises OSError, and does nothing on
    machines whose numbers are not known.
    """
    known = _CALLS.get(os.uname().machine)
    if known is None:
        return
    architecture, clone, unshare = known
    steps = (
        (_LOAD, 0, 0, _ARCHITECTURE_AT), (_IF_EQUAL, 0, 8, architecture),
        (_LOAD, 0, 0, _NUMBER_AT), (_IF_HAS, 6, 0, _OTHER_NUMBERS), (_IF_EQUAL, 6, 0, _CLONE3),
        (_IF_EQUAL, 1, 0, unshare), (_IF_EQUAL, 0, 2, clone),
        (_LOAD, 0, 0, _FLAGS_AT), (_IF_HAS, 1, 0, _OF_USERS),
        (_RETURN, 0, 0, _ALLOWED), (_RETURN, 0, 0, _REFUSED), (_RETURN, 0, 0, _UNKNOWN),
    )  # fmt: skip
    code = b"".join(struct.pack("=HBBI", *step) for step in steps)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_SET_SECCOMP, _FILTER, ctypes.byref(_Filter(len(steps), code)), 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
