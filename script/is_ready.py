"""Exit 0 when the web server of this container answers that it is ready, else 1 with its answer."""

import http.client
import os
import sys


def host() -> str:
    """Return a name that the register answers to, since it refuses requests for any other."""
    allowed = os.environ.get("RISKREGISTER_ALLOWED_HOSTS", "").split(",")[0].strip().removeprefix(".")
    return allowed if allowed not in {"", "*"} else "localhost"


def main() -> int:
    """Ask /readyz and return the exit code."""
    connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=4)
    try:
        connection.request("GET", "/readyz", headers={"Host": host()})
        answer = connection.getresponse()
        body = answer.read(2000).decode(errors="replace")
    except OSError as error:
        print(error, file=sys.stderr)
        return 1
    if answer.status != 200:
        print(answer.status, body, file=sys.stderr)
    return int(answer.status != 200)


if __name__ == "__main__":
    sys.exit(main())
