"""How a step says no: exceptions named for the fact, with a sentence that says what to do."""

from typing import Any


class Refused(Exception):
    """The step cannot be done like this; nothing was changed.

    `message` is for the person who asked, `field` the input that it is about (empty: the step as a whole), `members`
    what programs are told beside it.
    """

    def __init__(self, message: str, *, field: str = "") -> None:
        """Keep the sentence and the field."""
        self.message, self.field = message, field
        self.members: dict[str, Any] = {}
        super().__init__(message)


class Conflict(Refused):
    """Somebody else changed the same thing first; look again, then decide."""
