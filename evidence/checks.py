"""What somebody found in a document for one statement: what it shows, where, and of which day the document is."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from evidence.models import Evidence
from riskregister.refusals import Refused
from riskregister.text import clean_name, clean_text

# "ok", "fine", "checked" and rows of dots say nothing that a reader could look up; a short sentence has more.
CHARACTERS, _DIFFERENT = 20, 8


class NothingToVerify(Refused):
    """A note is no document in which somebody could look."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a document shows of a statement, in which place, and the document's date."""

    shows: str
    location: str
    document_date: date


def found(evidence: Evidence, *, shows: str, location: str, document_date: date, now: datetime) -> Found:
    """Return what somebody found in the evidence, cleaned.

    Raises NothingToVerify for a note, Refused for a date to come, without a place, and for words that say nothing.
    """
    if evidence.kind == Evidence.Kind.NOTE:
        raise NothingToVerify("A note cannot be verified. Attach the document as a file.")
    day = come(document_date, today=timezone.localdate(now))
    place = clean_name(location, field="location")
    return Found(shows=telling(shows), location=place, document_date=day)


def come(document_date: date, *, today: date) -> date:
    """Return the document's date. Raises Refused for one to come."""
    if document_date > today:
        raise Refused("The document's date has not come yet.", field="document_date")
    return document_date


def telling(shows: str) -> str:
    """Return what a document shows, cleaned. Raises Refused for words in which nobody could look it up."""
    text = clean_text(shows, field="shows")
    if len(text) < CHARACTERS or len(set(text.casefold())) < _DIFFERENT:
        raise Refused(
            f"Say in a sentence of at least {CHARACTERS} characters what the document shows of this answer, so that "
            "somebody else can look it up.",
            field="shows",
        )
    return text
