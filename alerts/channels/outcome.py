"""What comes of an attempt to deliver to a channel."""

from dataclasses import dataclass
from datetime import timedelta

# What a row of the ledger keeps of an error.
SHOWN = 300


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What is sent: under which id, what it says (`alerts/delivery/saying.py`), and with which secrets it is signed.

    `form` is how a line of syslog says it.
    """

    key: str
    payload: dict[str, object]
    body: bytes
    secrets: tuple[str, ...] = ()
    form: str = ""


class NotDelivered(Exception):
    """The receiver did not take the message; the words say why.

    `answer` is the status of HTTP where there was one, `is_away` says that the receiver could not be reached at all,
    `is_for_good` that it wants nothing any more, `after` how long it asks to be left alone.
    """

    def __init__(
        self,
        why: str,
        *,
        answer: int | None = None,
        is_away: bool = False,
        is_for_good: bool = False,
        after: timedelta | None = None,
    ) -> None:
        """Keep them."""
        self.answer, self.is_away, self.is_for_good, self.after = answer, is_away, is_for_good, after
        super().__init__(why[:SHOWN])
