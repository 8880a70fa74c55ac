"""Taking in what vendors say of vulnerabilities (VEX), and saying it by hand; nothing is closed by a word alone."""

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from accounts import principals
from accounts.access import Capability, NotPermitted
from accounts.models import Unit, User
from accounts.principals import Principal
from accounts.steps import Done, Unchanged, step
from composition.models import Hit, Statement
from composition.packages import ecosystems, purls
from composition.statements import matching, proposing, scopes, suppressing, trusting
from composition.statements.scopes import Scope
from composition.vex.stated import Document, Package, Stated
from evidence import store
from evidence.models import Blob
from findings.models import Finding
from numbering.models import take_numbers
from riskregister import nouns
from riskregister.refusals import Refused
from riskregister.text import clean_reason, clean_text
from scoring import deadlines
from vendors.models import Release, Server, Vendor

_AT_ONCE = 500
SCOPES = ("release", "server", "unit", "organisation")
BY_HAND = (Statement.Says.NOT_AFFECTED, Statement.Says.AFFECTED, Statement.Says.UNDER_INVESTIGATION)
# What makes two statements of one author the same, in a document and in its next version.
Sameness = tuple[Any, ...]


class OlderDocument(Refused):
    """A later version of the document was taken in before."""


@step("statement.taken", needs=Capability.WRITE, makes=Statement)
def take(
    document: Document, raw: bytes, *, file_name: str, server: Server | None = None, release: Release | None = None,
    unit: Unit | None = None, by: Principal, now: datetime,
) -> Done[Statement]:  # fmt: skip
    """Return the first of the statements that a document makes for a scope; `unit` alone is one, none is everything.

    Each is applied to what it speaks of here, waits for that as long as it does not match, or is rejected with the
    reason. It takes the place of what the same author said before in a document of the same name; the same document
    again changes nothing. Raises Refused for an older version of it.
    """
    scope = Scope(server=server, release=release, unit=unit)
    scopes.require(scope, by)
    if server is not None:
        nouns.hold(server)
    blob = store.put_unread(io.BytesIO(raw), now=now)
    source = _Source(scope, document, blob, file_name=file_name, by=by, now=now)
    known = list(source.known())
    if same := next((one for one in known if one.document_id == blob.pk), None):
        return Unchanged(same)
    source.refuse_older(known)
    made = list(source.statements())
    known_by_key = {_sameness(one): one for one in known}
    new = [one for one in made if _sameness(one) not in known_by_key]
    made_keys = {_sameness(one) for one in made}
    gone = [one for key, one in known_by_key.items() if key not in made_keys]
    _keep(new)
    for statement in gone:
        suppressing.supersede(statement, reason=source.reason(), by=by, now=now)
    applied = _apply([one for one in new if one.status == Statement.Status.IN_FORCE], by=by, now=now)
    first = (new or list(known_by_key.values()))[0]
    rejected = sum(one.status == Statement.Status.REJECTED for one in new)
    return Done(
        first, form=document.form, author=document.author[:300], sha256=blob.sha256, statements=len(new),
        applied=applied, unmatched=len(new) - applied - rejected, rejected=rejected, superseded=len(gone),
    ).made(*new)  # fmt: skip


@step("statement.made", needs=Capability.WRITE, makes=Statement, reason="reason")
def state(
    hit: Hit, *, says: str, reason: str, justification: str = "", action: str = "", scope: str = "server",
    until: date | None = None, owner: User | None = None, by: Principal, now: datetime,
) -> Done[Statement]:  # fmt: skip
    """Return what a person says of a vulnerability in a package, for the server of a hit or for more (see SCOPES).

    That something is not affected is said until a day, a year from now at most; somebody accepts it then. `owner`
    answers for it, unless said whoever says it. Raises Refused.
    """
    person = principals.person_of(by)
    holds_for = _scope_of(hit, scope)
    scopes.require(holds_for, by)
    _check(says=says, justification=justification, action=action, until=until, now=now)
    is_fine = says == Statement.Says.NOT_AFFECTED
    made = Statement.objects.create(
        **holds_for.fields, says=says, name=hit.vulnerability.key, names=[hit.vulnerability.key],
        ecosystem=hit.ecosystem, package=hit.name, folded=ecosystems.folded(hit.ecosystem, hit.name),
        purl=_purl_of(hit), justification=justification if is_fine else "", impact=reason if is_fine else "",
        notes="" if is_fine else reason, action=clean_text(action, field="action"), until=until,
        owner=owner or person, author=person.name, stated_at=now, taken_by=person, taken_at=now,
    )  # fmt: skip
    _apply([made], by=by, now=now)
    return Done(made, says=says, until=until.isoformat() if until else "")


def hit_of(finding: Finding) -> Hit:
    """Return the hit that a finding is of. Raises Refused for a finding of something else."""
    hit = Hit.objects.filter(observation__finding=finding).select_related("server__unit", "vulnerability").first()
    if hit is None:
        raise Refused("This finding is of no package: nothing can be said of it by a statement.", field="finding")
    return hit


def of_some_units_only(statement: Statement, by: Principal) -> NotPermitted | None:
    """Return the refusal for who works in some units only, of what holds for the organisation; for others None."""
    return scopes.elsewhere(statement.unit_id, by)


@step(
    "statement.withdrawn",
    needs=Capability.WRITE,
    frm=(Statement.Status.IN_FORCE,),
    to=Statement.Status.WITHDRAWN,
    barred=(of_some_units_only,),
    reason="reason",
)
def withdraw(statement: Statement, *, reason: str, by: Principal, now: datetime) -> Statement:
    """Return the statement, which says nothing any more: what was suppressed because of it opens again."""
    statement.ended_at, statement.end_reason = now, reason
    suppressing.end_all(statement, reason=f"{statement.ref} was withdrawn: {reason}", by=by, now=now)
    return statement


def _check(*, says: str, justification: str, action: str, until: date | None, now: datetime) -> None:
    if says not in BY_HAND:
        raise Refused(
            "Say not affected, affected or under investigation. That it is fixed, comparing finds.", field="says"
        )
    if says == Statement.Says.NOT_AFFECTED:
        if justification not in Statement.Justification.values:
            raise Refused("Choose why it is not affected.", field="justification")
        if until is None or not deadlines.is_within_a_year(until, today=timezone.localdate(now)):
            raise Refused("Say until when it counts, from today to a year from now.", field="until")
    if says == Statement.Says.AFFECTED:
        clean_reason(action, field="action")
    if until is not None and until < timezone.localdate(now):
        raise Refused("This day has passed. Choose one from today on.", field="until")


def _scope_of(hit: Hit, scope: str) -> Scope:
    if scope == "release":
        return Scope(server=hit.server, release=Release.objects.relied_on(hit.server))
    if scope == "server":
        return Scope(server=hit.server)
    if scope in SCOPES:
        return Scope(unit=hit.server.unit if scope == "unit" else None)
    raise Refused("Choose for what it holds: the release, the server, the unit or the organisation.", field="scope")


def _purl_of(hit: Hit) -> str:
    try:
        return purls.build(hit.ecosystem, hit.name)[:700]
    except (purls.PurlInvalid, ecosystems.EcosystemUnknown):
        return ""


@dataclass(frozen=True, slots=True)
class _Source:
    """A document that is taken in for a scope."""

    scope: Scope
    document: Document
    blob: Blob
    file_name: str = ""
    by: Any = None
    now: Any = None

    def known(self) -> "QuerySet[Statement]":
        """Return what the same author says in this scope in documents of this name."""
        rows = Statement.objects.filter(
            **self.scope.fields, author=self.document.author[:300], document_name=self.document.name[:500],
            document__isnull=False,
        )  # fmt: skip
        if not self.document.name:
            rows = rows.filter(document=self.blob)
        standing = (Statement.Status.IN_FORCE, Statement.Status.REJECTED)
        return rows.filter(status__in=standing).order_by("number")

    def refuse_older(self, known: Sequence[Statement]) -> None:
        """Raise OlderDocument where a later version of the document is known."""
        versions = [int(one.document_version) for one in known if one.document_version.isdecimal()]
        given = self.document.version
        if given.isdecimal() and versions and int(given) < max(versions):
            raise OlderDocument(
                f"Version {max(versions)} of this document was taken in before; this is version {given}.", field="file"
            )

    def reason(self) -> str:
        """Return why what it does not say any more does not count."""
        named = f"Version {self.document.version}" if self.document.version else "A later version"
        return f"{named} of the document by {self.document.author[:300] or 'its author'} does not say so any more."

    def statements(self) -> Iterator[Statement]:
        """Yield the statements, the rejected among them, not saved yet."""
        refusal = self._distrust()
        for one in self.document.statements:
            for package, versions in _by_package(one.packages).items():
                yield self._statement(one, package, versions, refusal)
        for gone in self.document.rejected:
            yield self._row(
                status=Statement.Status.REJECTED, name=gone.name, names=[gone.name] if gone.name else [],
                place=gone.place[:200], refusal=gone.reason, stated_at=self._stated_at(None),
            )  # fmt: skip

    def _statement(self, one: Stated, package: Package, versions: list[str], refusal: str) -> Statement:
        purl = purls.write(purls.read(package.purl)._replace(version=None))
        return self._row(
            status=Statement.Status.REJECTED if refusal else Statement.Status.IN_FORCE, says=one.status.value,
            name=one.names[0], names=list(one.names), ecosystem=package.ecosystem[:60], package=package.name,
            folded=ecosystems.folded(package.ecosystem, package.name), versions=versions, purl=purl[:700],
            within=package.within[:700], justification=one.justification.value if one.justification else "",
            impact=one.impact, action=one.action, notes=one.notes, place=one.place[:200], refusal=refusal,
            stated_at=self._stated_at(one),
        )  # fmt: skip

    def _row(self, **facts: Any) -> Statement:
        return Statement(
            **self.scope.fields, author=self.document.author[:300], document=self.blob, form=self.document.form,
            file_name=self.file_name[:255], document_name=self.document.name[:500],
            document_version=self.document.version, owner=None, taken_by=self.by.person, taken_at=self.now, **facts,
        )  # fmt: skip

    def _stated_at(self, one: Stated | None) -> datetime:
        own = (one.changed_at or one.stated_at) if one else None
        return own or self.document.changed_at or self.document.issued_at or self.now

    def _distrust(self) -> str:
        """Return why the word of the author does not count in the scope, empty where it does."""
        server = self.scope.server
        vendors = Vendor.objects.filter(supplies__server=server) if server else Vendor.objects.all()
        if any(trusting.is_of(self.document.author, vendor) for vendor in vendors.distinct()):
            return ""
        who = (
            f"Its author, {self.document.author[:100]}," if self.document.author else "Nobody, as the document says it,"
        )
        where = f"of {server}" if server else "in the register"
        return f"{who} is no supplier {where}. Add the vendor, or say it by hand in your own name."


def _by_package(packages: Iterable[Package]) -> Mapping[Package, list[str]]:
    """Return the versions of each package that a statement names; none where it speaks of all."""
    found: dict[Package, list[str]] = {}
    for one in packages:
        whole = replace(one, version="", purl=purls.write(purls.read(one.purl)._replace(version=None)))
        found.setdefault(whole, []).append(one.version)
    return {whole: [] if "" in versions else versions for whole, versions in found.items()}


def _sameness(one: Statement) -> Sameness:
    return (
        one.status, one.says, tuple(one.names), one.purl, one.within, tuple(one.versions), one.justification,
        one.impact, one.action, one.notes, one.place if one.status == Statement.Status.REJECTED else "", one.refusal,
    )  # fmt: skip


def _keep(new: Sequence[Statement]) -> None:
    numbers = take_numbers(nouns.card(Statement).prefix, len(new)) if new else ()
    for one, number in zip(new, numbers, strict=True):
        one.number = number
    Statement.objects.bulk_create(new, batch_size=_AT_ONCE)


def _apply(statements: Sequence[Statement], *, by: Principal, now: datetime) -> int:
    """Apply statements of one scope to what they speak of here, and return how many of them do."""
    if not statements:
        return 0
    applied: set[UUID] = set()
    for _server, pairs in matching.of_statements(statements):
        proposing.apply(pairs, by=by, now=now)
        applied.update(statement.pk for statement, _hit in pairs)
    return len(applied)
