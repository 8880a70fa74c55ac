"""Runs within the sandbox before the server's program, and becomes it: sets limits, and gives up being root.

Started as a file by a bare Python: it imports nothing of the product. What the server's document sets as variables is
for its program alone: some of them, such as LD_PRELOAD, would let it run here, before anything is limited. The limits
are set here and not around the sandbox, since the kernel counts processes by the namespace in which one was set.
"""

import json
import os
import resource
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
    os.write(sys.stdout.fileno(), READY)
    os.execve(command[0], command, os.environ | json.loads(variables))  # noqa: S606 - no shell is wanted.


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
