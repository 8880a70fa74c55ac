"""Messages over the input and output of a program, one a line."""

import json
import time

from inspection.bounds import Bounds, NothingSeen
from inspection.program import Late, Program
from inspection.transport.messages import DISCOVER, Declined, Json, is_answer, read


class OverStdio:
    """A carrier to a started program; `strays` counts the lines on its output that are no messages."""

    # The first version had no other way that is still in use.
    sessions: tuple[str, ...] = ("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05")

    def __init__(self, program: Program) -> None:
        """Say nothing yet."""
        self.program, self.version, self.strays, self.has_answered = program, "", 0, False
        self.bounds: Bounds = program.bounds

    def ask(self, message: Json) -> tuple[str, Json]:
        """Return the answer to a request, as it came and as it reads. Raises Declined and NothingSeen."""
        is_probe = message["method"] == DISCOVER
        try:
            return self._asked(message, within=self.bounds.silence if is_probe else self.bounds.request)
        except Late:
            if is_probe:
                raise Declined(0, "It says nothing to that.") from None
            raise self.program.late() from None

    def tell(self, message: Json) -> None:
        """Send what nobody answers. Raises NothingSeen."""
        try:
            self.program.send(_line(message), within=self.bounds.request)
        except Late:
            raise self.program.late() from None

    def close(self) -> None:
        """Leave it to whoever started the program, who ends it."""

    def _asked(self, message: Json, *, within: float) -> tuple[str, Json]:
        until = time.monotonic() + within
        self.program.send(_line(message), within=within)
        while True:
            text, received = self._message(self.program.line(within=until - time.monotonic()))
            if received is not None and is_answer(received, message):
                self.has_answered = True
                return text, received

    def _message(self, line: bytes) -> tuple[str, Json | None]:
        """Return a line as it came and as it reads, None for what is no message: programs log where they should not."""
        line = line.strip()
        if not line.startswith(b"{"):
            self.strays += bool(line)
            return "", None
        try:
            text = line.decode()
        except UnicodeDecodeError:
            raise NothingSeen("unreadable", "Its answer is no text in UTF-8.") from None
        return text, read(text)


def _line(message: Json) -> bytes:
    return json.dumps(message).encode() + b"\n"
