"""What is said between the register and a server, whatever carries it: how answers are read, and what refuses one."""

from typing import Any, Protocol

from inspection.bounds import Bounds, NothingSeen
from riskregister import limits
from vendors import strict_json

Json = dict[str, Any]

STATELESS = "2026-07-28"
DISCOVER = "server/discover"
_UNKNOWN_METHOD = -32601


class Declined(Exception):
    """The server answered with an error; `code` is that of JSON-RPC, or the status of HTTP."""

    def __init__(self, code: int, message: str) -> None:
        """Keep what it said."""
        self.code = code
        super().__init__(message)


class Carrier(Protocol):
    """What carries messages to one server for the time of one look.

    `sessions` are the versions with a session that go over it, the newest first; `version` is the one that is spoken,
    empty until both sides agree on it.
    """

    bounds: Bounds
    sessions: tuple[str, ...]
    version: str

    def ask(self, message: Json) -> tuple[str, Json]:
        """Return the answer to a request, as it came and as it reads. Raises Declined and NothingSeen."""

    def tell(self, message: Json) -> None:
        """Send what nobody answers. Raises Declined and NothingSeen."""

    def close(self) -> None:
        """End what is open, whatever the server does."""


def read(text: str) -> Any:
    """Return what an answer says. Raises NothingSeen for what cannot be read, or not in one way only."""
    try:
        return strict_json.read(text, limit=limits.TOOLS, longest=limits.TEXT_AS_WRITTEN, entries=limits.ENTRIES)
    except strict_json.Unreadable as error:
        raise NothingSeen("unreadable", f"Its answer cannot be read: {error.problems[0]}") from error


def is_answer(received: Any, message: Json) -> bool:
    """Return whether what came is the answer to a request; an error may name none."""
    return isinstance(received, dict) and "method" not in received and received.get("id") in (message["id"], None)


def is_unknown(declined: Declined) -> bool:
    """Return whether the server does not know what it was asked for."""
    return declined.code == _UNKNOWN_METHOD
