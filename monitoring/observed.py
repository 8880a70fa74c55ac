"""What a collector brings back from a look: plain data, gathered without a transaction and without the database."""

from dataclasses import dataclass
from datetime import datetime

from monitoring.models import Run
from scoring.scales import Severity


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing that was seen, under the collector's own lasting key; without a severity it is a fact and no fault.

    `fact`: the name of the fact of `comparisons.FACTS` that it bears on, and `holds` whether that is so. What is not
    assessed has in `value` why.
    """

    key: str
    words: str
    value: str = ""
    severity: Severity | None = None
    fact: str = ""
    holds: bool | None = None
    is_assessed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a look ended, and what it saw. `raw` are the answers as they came, `raw_digest` is by RFC 8785; `is_secret`:
    they hold what can be a credential, and are not kept. `as_of` is when what was read was found, where that was before
    the look: from then on it ages.

    Unless it is complete, `code` and `why` say why nothing is known: what was not seen then is not gone.
    """

    outcome: Run.Status
    code: str = ""
    why: str = ""
    raw: str = ""
    raw_digest: str = ""
    is_secret: bool = False
    as_of: datetime | None = None
    seen: tuple[Seen, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Return whether it says anything about the server."""
        return self.outcome == Run.Status.COMPLETE
