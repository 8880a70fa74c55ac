"""How long a look may take, and how much it takes in; and what is raised when nothing comes of it."""

from dataclasses import dataclass

from riskregister import limits


@dataclass(frozen=True, slots=True)
class Bounds:
    """Seconds for the whole look and for one request, pages of one list, bytes of all answers together.

    `silence` are the seconds that a server over stdio may say nothing to a question that it need not know: there is
    no status that would tell, and older ones leave it unanswered.
    """

    overall: float = 60.0
    request: float = 15.0
    silence: float = 10.0
    pages: int = 50
    size: int = limits.TOOLS


class NothingSeen(Exception):
    """The look came to nothing: `code` says why in one word for programs, the message in a sentence for people."""

    def __init__(self, code: str, why: str) -> None:
        """Keep both."""
        self.code, self.why = code, why
        super().__init__(why)


class Redirected(NothingSeen):
    """The address leads on to another, `location` as it says it, and nobody follows by themselves."""

    def __init__(self, why: str, location: str) -> None:
        """Keep where it leads."""
        super().__init__("redirected", why)
        self.location = location
