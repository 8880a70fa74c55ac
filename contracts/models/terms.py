"""The terms of a contract: whether it holds on a day, until when, and by when somebody must decide."""

from datetime import date
from typing import NamedTuple
from uuid import UUID

from contracts import days

# Words of Contract.Status and Contract.Renewal.
LIVE, ENDED, AUTOMATIC = ("active", "under_review"), "ended", "automatic"


class PlainTerms(NamedTuple):
    """What says whether a contract holds, until when, for whom, and by when somebody must decide."""

    pk: UUID
    number: int
    vendor_id: UUID
    parent_id: UUID | None
    status: str
    kind: str
    their_entity: str
    starts_on: date | None
    ends_on: date | None
    renewal: str
    renewal_months: int | None
    notice_days: int | None
    notice_given_on: date | None
    kept_until: date | None
    critical_function: bool | None
    personal_data: bool | None


TERMS = tuple(name for name in PlainTerms._fields if name != "pk")


class Terms:
    """What follows from the terms on a day."""

    status: str
    starts_on: date | None
    ends_on: date | None
    renewal: str
    renewal_months: int | None
    notice_days: int | None
    notice_given_on: date | None
    kept_until: date | None

    @property
    def goes_on(self) -> bool:
        """Return whether it renews by itself unless somebody gives notice; what has ended does not."""
        is_over = self.status == ENDED or self.notice_given_on is not None
        return self.renewal == AUTOMATIC and not is_over

    def term_end(self, *, today: date) -> date | None:
        """Return the last day of the term that runs on a day; None for a contract without an end."""
        if self.ends_on is None or not self.goes_on or not self.renewal_months:
            return self.ends_on
        return days.term_end(self.ends_on, self.renewal_months, today=today)

    def notice_day(self, *, today: date) -> date | None:
        """Return the last day to give notice for the term that runs on a day; None unless it renews by itself."""
        return days.notice_by(self.term_end(today=today), self.notice_days) if self.goes_on else None

    def is_undecided(self, *, today: date) -> bool:
        """Return whether nobody has decided yet if it goes on after the term that runs on a day."""
        end = self.term_end(today=today)
        return self.status in LIVE and self.goes_on and end is not None and self.kept_until != end

    def holds(self, *, today: date) -> bool:
        """Return whether it gives us anything on a day: signed, begun, not ended, and its last day has not passed."""
        end = self.term_end(today=today)
        has_begun = self.starts_on is not None and self.starts_on <= today
        return self.status in LIVE and has_begun and (end is None or end >= today)
