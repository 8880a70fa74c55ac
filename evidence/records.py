"""Steps about evidence: add a file, a link or a note, and keep a copy of what stands at a link.

What another step takes up, such as an answer or a claimed fix, is prepared first: looked at, its bytes kept, nothing on
record. The step that takes it up puts it on record, so that both happen or neither.
"""

from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from typing import Any, ParamSpec, Protocol
from uuid import UUID

from django.utils import timezone

from accounts import access, principals
from accounts.access import Capability
from accounts.models import Unit, User
from accounts.principals import Principal
from accounts.steps import Done, Unchanged, step
from evidence import following, store
from evidence.models import Evidence, KeptCopy
from riskregister.refusals import Conflict, Refused
from riskregister.text import clean_name, clean_text, clean_url

_URL_LIMIT = 500
# Who made it, as people may say: what the register collects itself counts most, and nobody says so of what they add.
ISSUERS = [(value, label) for value, label in Evidence.Issuer.choices if value != Evidence.Issuer.REGISTER]
P = ParamSpec("P")


class NotALink(Refused):
    """A copy is kept of what stands at an address; a file and a note are kept already."""


class CopyKept(Conflict):
    """A copy of this link is kept already, and stays as it is."""


class EvidenceOfAnotherUnit(Refused):
    """Evidence of one unit does not support what another unit reads."""


class Upload(store.Stream, Protocol):
    """A file as a door hands it on."""

    name: Any


def prepare_file(
    upload: Upload,
    *,
    title: str,
    issuer: str,
    by: Principal,
    now: datetime,
    issued_on: date | None = None,
    valid_until: date | None = None,
    unit: Unit | None = None,
) -> Evidence:
    """Return a file as evidence of the unit (None: of the whole organisation), e.g. about a vendor, not yet on record.

    Raises FileRefused, or Refused for a bad title, issuer or days. Its bytes are kept at once: a disk that is slow must
    not hold the database.
    """
    facts = _facts(title=title, issuer=issuer, issued_on=issued_on, valid_until=valid_until, unit=unit, by=by, now=now)
    name = store.file_name(str(upload.name))
    blob = store.put(upload, name=name, now=now)
    return Evidence(kind=Evidence.Kind.FILE, blob=blob, file_name=name, **facts)


def prepare_link(
    url: str,
    *,
    title: str,
    issuer: str,
    by: Principal,
    now: datetime,
    issued_on: date | None = None,
    valid_until: date | None = None,
    unit: Unit | None = None,
) -> Evidence:
    """Return a link as evidence, not yet on record. Raises Refused for an address that is not http or https, or another
    bad value.
    """
    facts = _facts(title=title, issuer=issuer, issued_on=issued_on, valid_until=valid_until, unit=unit, by=by, now=now)
    address = clean_url(url, field="url", limit=_URL_LIMIT)
    if not address:
        raise Refused("Give the address.", field="url")
    return Evidence(kind=Evidence.Kind.LINK, url=address, **facts)


def prepare_note(
    note: str,
    *,
    title: str,
    by: Principal,
    now: datetime,
    issuer: str = Evidence.Issuer.ORGANISATION,
    issued_on: date | None = None,
    valid_until: date | None = None,
    unit: Unit | None = None,
) -> Evidence:
    """Return a note as evidence, not yet on record. It never counts more than a claim. Raises Refused."""
    facts = _facts(title=title, issuer=issuer, issued_on=issued_on, valid_until=valid_until, unit=unit, by=by, now=now)
    text = clean_text(note, field="note")
    if not text:
        raise Refused("Write the note.", field="note")
    return Evidence(kind=Evidence.Kind.NOTE, note=text, **facts)


@step("evidence.added", needs=Capability.WRITE, makes=Evidence)
def add(evidence: Evidence, *, by: Principal, now: datetime) -> Done[Evidence]:
    """Return prepared evidence, now on record."""
    evidence.save(force_insert=True)
    sha256 = evidence.blob.sha256 if evidence.blob else None
    return Done(evidence, kind=evidence.kind, issuer=evidence.issuer, sha256=sha256)


def put_on_record(evidence: Evidence) -> Evidence:
    """Return prepared evidence, on record as of the moment and by the person of its preparation; once.

    What is on record already stays as it is.
    """
    return add(evidence, by=evidence.added_by, now=evidence.added_at) if evidence._state.adding else evidence


def _recorded(prepare: Callable[P, Evidence]) -> Callable[P, Evidence]:
    @wraps(prepare)
    def step(*args: P.args, **kwargs: P.kwargs) -> Evidence:
        return put_on_record(prepare(*args, **kwargs))

    return step


# Each prepares evidence and puts it on record; it takes and raises what its preparation does.
add_file, add_link, add_note = _recorded(prepare_file), _recorded(prepare_link), _recorded(prepare_note)


def prepare_copy(upload: Upload, evidence: Evidence, *, by: Principal, now: datetime) -> KeptCopy:
    """Return a file as the copy of a link, not yet on record; its bytes are kept at once. Raises FileRefused."""
    keep.require(evidence, by)
    _require_link(evidence)
    name = store.file_name(str(upload.name))
    blob = store.put(upload, name=name, now=now)
    return KeptCopy(evidence=evidence, blob=blob, file_name=name, kept_by=principals.person_of(by), kept_at=now)


@step("evidence.copy_kept", needs=Capability.WRITE)
def keep(evidence: Evidence, *, copy: KeptCopy, by: Principal, now: datetime) -> Done[KeptCopy]:
    """Return the prepared copy of what stands at a link, now on record beside it; what is kept counts as a document.

    Raises NotALink, and CopyKept for a second copy: a page that says something else by now is another link.
    """
    _require_link(evidence)
    if KeptCopy.objects.filter(evidence=evidence).exists():
        raise CopyKept(f"A copy of {evidence.ref} is kept already. Add what stands there now as a new link.")
    copy.save(force_insert=True)
    return Done(copy, sha256=copy.blob.sha256)


def keep_copy(evidence: Evidence, upload: Upload, *, by: Principal, now: datetime) -> KeptCopy:
    """Return the copy of what stands at a link, on record; raises what its preparation and `keep` do."""
    return keep(evidence, copy=prepare_copy(upload, evidence, by=by, now=now), by=by, now=now)


@step("evidence.moved", needs=Capability.WRITE)
def move(evidence: Evidence, *, valid_until: date | None, issuer: str, by: Principal, now: datetime) -> Done[Evidence]:
    """Return evidence that is valid until another day, or issued by another than was said. Part of a step.

    What rests on it follows: rooms above that registered for it, and whoever takes the step works out again the ratings
    that it is behind. Raises Refused for
    a last day before the day of issue.
    """
    was_until, was_issuer = evidence.valid_until, evidence.issuer
    if (was_until, was_issuer) == (valid_until, issuer):
        return Unchanged(evidence)
    if evidence.issued_on and valid_until and valid_until < evidence.issued_on:
        raise Refused(
            f"{evidence.ref} was issued on {evidence.issued_on}, after the last day that follows here, {valid_until}. "
            "Check the days.",
            field="evidence",
        )
    evidence.valid_until, evidence.issuer, evidence.moved_at = valid_until, issuer, now
    return Done(
        evidence,
        was_until=was_until.isoformat() if was_until else "",
        valid_until=valid_until.isoformat() if valid_until else "",
        was_issuer=was_issuer,
        issuer=str(issuer),
    ).and_then(lambda: following.follow(evidence, by=by, now=now))


def require_usable(evidence: Evidence, *, unit_id: UUID | None, by: User) -> None:
    """Raise unless the person may let evidence support something of a unit (None: of the whole organisation).

    Raises NotPermitted for what they cannot see, EvidenceOfAnotherUnit for what the readers could not: its title and
    its weight would be shown to them all the same.
    """
    if not Evidence.objects.visible_to(by).filter(pk=evidence.pk).exists():
        raise access.NotPermitted("You cannot see this evidence.")
    if evidence.unit_id not in (None, unit_id):
        whose = "this unit" if unit_id else "the whole organisation"
        raise EvidenceOfAnotherUnit(f"{evidence.ref} belongs to one other unit. Add it for {whose}.", field="evidence")


def _facts(
    *,
    title: str,
    issuer: str,
    issued_on: date | None,
    valid_until: date | None,
    unit: Unit | None,
    by: Principal,
    now: datetime,
) -> dict[str, Any]:
    # Asked before the bytes are kept too, which whoever may not add the evidence does not leave here.
    add.rule.require(None, by, unit_id=unit.pk if unit else None)
    _refuse_issuer(issuer)
    _refuse_days(issued_on, valid_until, today=timezone.localdate(now))
    return {
        "title": clean_name(title, field="title"),
        "issuer": issuer,
        "issued_on": issued_on,
        "valid_until": valid_until,
        "unit": unit,
        "added_by": principals.person_of(by),
        "added_at": now,
    }


def _refuse_issuer(issuer: str) -> None:
    choices = [value for value, _label in ISSUERS]
    if issuer not in choices:
        raise Refused(f"Choose who made it: {', '.join(choices)}.", field="issuer")


def _refuse_days(issued_on: date | None, valid_until: date | None, *, today: date) -> None:
    if issued_on and issued_on > today:
        raise Refused("It cannot be issued on a day that has not come.", field="issued_on")
    if issued_on and valid_until and valid_until < issued_on:
        raise Refused("It is valid until the day of issue or later.", field="valid_until")


def _require_link(evidence: Evidence) -> None:
    if evidence.kind != Evidence.Kind.LINK:
        raise NotALink("This is kept as it is. A copy is kept of what stands at a link.")
