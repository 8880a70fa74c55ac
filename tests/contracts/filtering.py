"""Every filter that a list declares narrows it to exactly the rows that answer to the value, and refuses what it does
not know.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Model
from django.test import Client
from django.utils import timezone

from assessments.models import AnswerEvidence, Assessment
from controls.tiers import detail, measuring
from decisions.models import Approval
from evidence.models import Evidence
from findings.lists import SOON
from riskregister import nouns
from riskregister.filters import Choice, Day, Exact, Flag, Key, Moment, Number, One, Words
from riskregister.lists import List
from tests.contracts import built_from, in_use
from tests.contracts.base import NOW, Listed, OfTheEstate, key_of, lists
from tests.journeys.estate import DAY
from tests.journeys.routes import address
from tests.listed import listed_pages
from vendors.models import Vendor
from work.trail import groups

KEY = UUID("01900000-0000-7000-8000-000000000000")
TRIED = 4


def _state_of_evidence(row: Evidence) -> str:
    if row.is_expired(today=timezone.localdate()):
        return "expired"
    attached = AnswerEvidence.objects.filter(evidence=row).select_related("answer")
    is_verified = any(
        check.speaks_for(one.answer) for one in attached for check in one.answer.verifications.filter(evidence=row)
    )
    return "verified" if is_verified else "unverified"


def _approvals(server: Any) -> list[str]:
    """Return the words for how a server stands with its approvals today."""
    today = timezone.localdate()
    rows = Approval.objects.filter(server=server)
    granted = [one for one in rows if one.status == "granted" and one.decision != "reject"]
    if any(one.valid_until and one.valid_until >= today for one in granted):
        return ["in_date"]
    return ["missing", "expired" if granted else "none"]


def _states(acceptance: Any) -> list[str]:
    """Return the words for how an acceptance stands today."""
    today = timezone.localdate()
    state = acceptance.state(today=today)
    soon = state == "in_force" and acceptance.expires_on <= today + SOON
    return ["waiting" if state == "requested" else state, *(["expiring"] if soon else [])]


def _units(vendor: Any, unit_id: Any) -> list[Any]:
    """Return the unit of a row, or those with a server that may still be used and behind which its vendor stands."""
    if unit_id or vendor is None:
        return [unit_id]
    servers = (supply.server for supply in vendor.supplies.select_related("server"))
    return [server.unit_id for server in servers if server.status not in {"retired", "rejected"}]


# What a row answers to, where it is no member of the row with the filter's name.
ANSWERS: Mapping[tuple[str, str], Callable[[Any], Iterable[Any]]] = {
    ("certificate", "has_ended"): lambda row: [row.counts_until is not None and row.counts_until < NOW.date()],
    ("vendor", "kind"): lambda row: row.kinds.values_list("kind", flat=True),
    ("server", "tag"): lambda row: row.tags.values_list("word", flat=True),
    ("server", "vendor"): lambda row: row.suppliers.values_list("vendor_id", flat=True),
    ("server", "residual"): lambda row: [row.rating.residual],
    ("server", "name"): lambda row: [row.name, row.name.upper()],
    ("configuredserver", "standing"): lambda row: [in_use.standing(row)],
    ("indicator", "standing"): lambda row: [row.standing_at(now=NOW)],
    ("indicatorhit", "is_there"): lambda row: [row.gone_at is None],
    ("unapproveduse", "waits"): lambda row: [in_use.waits(row)],
    ("configuredserver", "is_there"): lambda row: [row.gone_at is None],
    ("configuredserver", "machine"): lambda row: [row.machine.label],
    ("configuredserver", "server"): lambda row: {one.server_id for one in in_use.known_as(row)},
    ("component", "known"): lambda row: [built_from.known(row)],
    ("statement", "outcome"): lambda row: [_outcome(row)],
    ("statement", "state"): lambda row: [row.state(today=timezone.localdate())],
    ("statement", "document"): lambda row: [row.document.sha256 if row.document else None],
    ("suppression", "server"): lambda row: [row.hit.server_id],
    ("component", "counts"): lambda row: [built_from.counts(row)],
    ("component", "needed"): lambda row: [row.is_direct],
    ("component", "name"): lambda row: [row.package_version.name],
    ("component", "version"): lambda row: [row.package_version.version],
    ("component", "ecosystem"): lambda row: [row.package_version.ecosystem],
    ("component", "licence"): lambda row: row.licences,
    ("component", "server"): lambda row: [row.inventory.server_id],
    ("server", "got_worse"): lambda row: [row.rating.worse_since is not None],
    ("escalation", "severity"): lambda row: [row.get_severity_display().lower()],
    ("escalation", "about"): lambda row: [row.object_id],
    ("finding", "severity"): lambda row: [row.get_severity_display().lower()],
    ("finding", "about"): lambda row: [row.subject.title, row.server.name] if row.server else [row.vendor.name],
    ("finding", "supplier"): lambda row: (
        row.server.suppliers.values_list("vendor_id", flat=True) if row.server else [row.vendor_id]
    ),
    ("finding", "unit"): lambda row: _units(row.vendor, row.unit_id),
    ("riskacceptance", "unit"): lambda row: _units(row.finding and row.finding.vendor, row.unit_id),
    ("event", "unit"): lambda row: _units(Vendor.objects.filter(pk=row.concerns_id).first(), row.unit_id)
    if row.scope in {"unit", "organisation"}
    else [],
    ("finding", "is_overdue"): lambda row: [row.is_overdue(today=timezone.localdate())],
    ("server", "approval"): _approvals,
    ("assessment", "of_vendor"): lambda row: [row.server_id is None],
    ("assessment", "is_overdue"): lambda row: [
        row.status in Assessment.WAITING and row.due_on is not None and row.due_on < timezone.localdate()
    ],
    ("riskacceptance", "state"): _states,
    ("approval", "state"): lambda row: [row.state(today=timezone.localdate())],
    ("review", "is_overdue"): lambda row: [row.is_overdue(today=timezone.localdate())],
    ("review", "state"): lambda row: [row.status, row.state(today=timezone.localdate()), "all"],
    ("evidence", "state"): lambda row: [_state_of_evidence(row)],
    ("evidence", "server"): lambda row: AnswerEvidence.objects.filter(evidence=row).values_list(
        "answer__assessment__server", flat=True
    ),
    ("evidence", "vendor"): lambda row: AnswerEvidence.objects.filter(
        evidence=row, answer__question__subject="vendor"
    ).values_list("answer__assessment__vendor", flat=True),
    ("usecase", "process"): lambda row: row.processes.values_list("process_id", flat=True),
    ("usecase", "deployment"): lambda row: row.served_by.values_list("deployment_id", flat=True),
    ("sharedservice", "assessed"): lambda row: [row.assessed_on is not None],
    ("sharedservice", "deployment"): lambda row: row.in_front_of.values_list("deployment_id", flat=True),
    ("technicalprofile", "unit"): lambda row: [row.deployment.server.unit_id],
    ("technicalprofile", "server"): lambda row: [row.deployment.server_id],
    ("deployment", "has_ended"): lambda row: [row.ended_on is not None],
    ("deployment", "is_set"): lambda row: [row.governance_tier is not None],
    ("deployment", "is_below"): lambda row: [row.governance_tier < measuring.proposal_for(row).tier]
    if row.governance_tier
    else [],
    ("deployment", "has_plan"): lambda row: [detail.plan_of(row) is not None],
    ("tieracceptance", "is_over"): lambda row: [row.expires_on < timezone.localdate()],
    ("tierplan", "is_overdue"): lambda row: [
        row.status == "under_way" and row.milestones.filter(done_on=None, due_on__lt=timezone.localdate()).exists()
    ],
    ("evidence", "sha256"): lambda row: [row.blob_id] if row.blob_id else [],
    ("event", "what"): lambda row: [
        word for word, (_named, verbs) in groups().items() if row.verb.partition(".")[0] in verbs
    ],
    ("event", "about"): lambda row: [row.object_id, row.concerns_id],
    ("event", "noun"): lambda row: [row.verb.partition(".")[0]],
    ("finding", "seen_by"): lambda row: list(row.observations.values_list("collector", flat=True)),
    ("event", "object"): lambda row: [row.object_id],
    ("event", "actor"): lambda row: [row.actor_id],
    ("event", "correlation"): lambda row: [row.correlation_id],
    ("event", "concerns"): lambda row: [row.concerns_id] if row.concerns_id else [],
    ("controlstatus", "framework"): lambda row: [row.control.framework.key],
    ("controlstatus", "control"): lambda row: [row.control.ref, row.control.ref.lower()],
    ("controlstatus", "is_orphaned"): lambda row: [row.control.framework.status != "current"],
    ("controlstatus", "is_overdue"): lambda row: [
        row.state == "planned" and row.due_on is not None and row.due_on < timezone.localdate()
    ],
    ("control", "framework"): lambda row: [row.framework.key],
    ("control", "ref"): lambda row: [row.ref, row.ref.lower()],
    ("alert", "is_unread"): lambda row: [row.read_at is None],
    ("alert", "is_settled"): lambda row: [row.settled_at is not None],
    ("apitoken", "state"): lambda row: [
        "revoked" if row.revoked_at else "expired" if row.expires_at <= timezone.now() else "active"
    ],
    ("apitoken", "owner"): lambda row: [row.user_id],
}  # fmt: skip
# Where the day of a filter is no member with its name before the underscore.
DAYS: Mapping[tuple[str, str], str] = {
    ("assessment", "due_before"): "due_on",
    ("finding", "due_before"): "due_on",
    ("finding", "created_from"): "created_at",
    ("review", "due_before"): "due_on",
    ("certificate", "ends_before"): "counts_until",
    ("duediligence", "due_before"): "next_due_on",
    ("controlstatus", "ends_before"): "valid_until",
    ("contract", "ends_before"): "ends_on",
    ("contract", "notice_before"): "notice_by",
    ("riskacceptance", "expires_before"): "expires_on",
    ("riskacceptance", "expires_from"): "expires_on",
    ("approval", "valid_before"): "valid_until",
    ("evidence", "expires_before"): "valid_until",
    ("event", "since"): "at",
    ("event", "before"): "at",
    ("event", "until"): "at",
}
# What all rows of the register have in common, so that nothing can be left out.
ALIKE: set[tuple[str, str]] = set()
# Free words; see searching.py.
WORDS = {"search", "who"}
# What filters of a kind do not understand, and the kinds that understand every text.
NONSENSE: Mapping[type, tuple[str, ...]] = {
    Choice: ("no such thing", "0", " open"),
    One: ("no such thing", "9", "open,closed"),
    Flag: ("no such thing", "2", "yes", "none"),
    Key: ("no such thing", "1", str(KEY)[:-1], f"{KEY}0", "nobody"),
    Day: ("no such thing", "2026-02-30", "1", "2026-11-28T00:00:00Z", "0000-00-00"),
    Moment: ("no such thing", "2026-02-30T00:00:00Z", "1", "2026-11-28T25:00:00Z", "10000-01-01T00:00:00Z"),
    Number: ("no such thing", "1.5", "1e3", "NaN", "Infinity", "0x10", "9" * 5000),
}
FREE = (Exact, Words)


class FilterContract(OfTheEstate):
    """Filters."""

    def test_every_filter_leaves_exactly_what_answers_to_it(self) -> None:
        self.holds(wrong for one in lists() for name in _filters(one) for wrong in self._wrong_rows(one, name))

    def test_every_filter_refuses_what_it_does_not_know(self) -> None:
        self.holds(wrong for one in lists() for wrong in self._taken_for_everything(one))

    def test_me_stands_for_whoever_asks(self) -> None:
        alice = self.caller("analyst")
        for one in lists():
            for name in [name for name, filter_ in _filters(one).items() if "me" in getattr(filter_, "words", ())]:
                by_word, by_key = (one.rows(alice, **{name: who}) for who in ("me", str(alice.person.pk)))
                assert by_word == by_key, (one.path, name)

    def _wrong_rows(self, one: Listed, name: str) -> Iterator[str]:
        caller, narrowed = self.caller(one.reader), False
        rows = self.whole(one)
        objects = one.objects(rows)
        for value in _values(one, name, objects):
            expected = {key_of(row) for row, obj in zip(rows, objects, strict=True) if _fits(one, name, value, obj)}
            found = [key_of(row) for row in one.rows(caller, **{name: value})]
            if set(found) != expected or len(found) != len(expected):
                yield f"{one.path}?{name}={value} shows {len(found)} rows; {len(expected)} answer to it."
            narrowed |= 0 < len(expected) < len(rows)
        if not narrowed and (one.noun.kind, name) not in ALIKE:
            yield f"{one.path}?{name}: the estate has no rows that it tells apart."

    def test_a_page_lists_nothing_and_gives_no_file_while_a_filter_is_not_understood(self) -> None:
        client = self.client_of("administrator")
        found = listed_pages(client)
        assert len(found) > 10, found
        self.holds(wrong for route, of in found for wrong in _shown_for_nonsense(client, address(route, {}), of))

    def _taken_for_everything(self, one: Listed) -> Iterator[str]:
        caller = self.caller(one.reader)
        for name, value in _nonsense(one.of):
            response = caller.get(one.path, **{name: value})
            problem: Any = response.json() if response.status_code == 400 else {"type": "", "errors": []}
            named = [error["field"] for error in problem["errors"]]
            if not problem["type"].endswith(":invalid") or named != [name]:
                yield f"{one.path}?{name}={value[:60]}: {response.status_code} {named}"
        if caller.get(one.path, ordering="no_such_order").status_code != 400:
            yield f"{one.path} has any order."


def _nonsense(of: List, *, most: int = 99) -> Iterator[tuple[str, str]]:
    """Yield each filter of a list with what it cannot understand, and what is no filter."""
    for name, filter_ in of.filters.base_filters.items():
        assert type(filter_) in FREE or any(isinstance(filter_, kind) for kind in NONSENSE), (of.word, name)
        for kind, values in NONSENSE.items():
            yield from ((name, value) for value in values[:most] if isinstance(filter_, kind))
    yield "no_such_filter", "1"


def _shown_for_nonsense(client: Client, path: str, of: List) -> Iterator[str]:
    # Both doors have the same filters: what else they do not understand is tried at the API.
    for name, value in _nonsense(of, most=1):
        page: Any = client.get(path, {name: value})
        chips = [chip.label for chip in page.context["list"].refused]
        label = getattr(of.filters.base_filters.get(name), "label", name)
        if page.context["list"].rows or chips != [f"{label}: {value[:60]}"]:
            yield f"{path}?{name}={value[:60]} lists {len(page.context['list'].rows)} rows and says {chips}."
        if "A filter is not understood" not in page.content.decode():
            yield f"{path}?{name}={value[:60]} does not say that a filter is not understood."
        file: Any = client.get(path, {name: value, "format": "csv"})
        if file.status_code != 400 or label not in file.content.decode():
            yield f"{path}?{name}={value[:60]}&format=csv: {file.status_code}"


def _filters(one: Listed) -> dict[str, Any]:
    return {name: found for name, found in one.filters.items() if name not in WORDS}


def _values(one: Listed, name: str, objects: list[Model]) -> list[str]:
    """Return values to try: what some rows answer to, what none does, and a day in their midst."""
    if (one.noun.kind, name) in DAYS:
        days = sorted({day for obj in objects if (day := _day(one, name, obj)) is not None})
        if name == "until":
            days = [timezone.localdate(day) for day in days]
        return [days[len(days) // 2].isoformat(), (days[-1] + DAY).isoformat()] if days else []
    if isinstance(one.filters[name], Flag):
        return ["true", "false"]
    answered = sorted({value for obj in objects for value in _answers(one, name, obj) if value})
    choices = [str(key) for key, _word in _choices(one.filters[name])]
    nobody = [str(KEY)] if any(_is_key(value) for value in answered) else []
    return [*answered[:TRIED], *(choices or nobody)]


def _choices(filter_: Any) -> Iterable[tuple[str, str]]:
    found: Any = filter_.extra.get("choices", ())
    return found() if callable(found) else found  # type: ignore[no-any-return]


def _is_key(value: str) -> bool:
    return len(value) == len(str(KEY)) and value.count("-") == 4


def _fits(one: Listed, name: str, value: str, obj: Model) -> bool:
    if (one.noun.kind, name) not in DAYS:
        return value in _answers(one, name, obj)
    day, bound = _day(one, name, obj), date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
    if day is None:
        return False
    if name == "until":
        return bool(timezone.localdate(day) <= bound)
    return bool(day < bound) if name.endswith("before") else bool(day >= bound)


def _day(one: Listed, name: str, obj: Model) -> Any:
    return getattr(obj, DAYS[one.noun.kind, name])


def _answers(one: Listed, name: str, obj: Model) -> set[str]:
    """Return the values of a filter to which a row answers, as an address writes them."""
    found = set(ANSWERS.get((one.noun.kind, name), lambda row: [_member(one, name, row)])(obj))
    words = {_written(value) for value in found if value is not None}
    filter_ = _filters(one)[name]
    groups = getattr(filter_, "groups", None) or {}
    words |= {word for word, (_label, values) in groups.items() if words & {str(value) for value in values}}
    return words | {"none" for word in getattr(filter_, "words", ()) if word == "none" and None in found}


def _outcome(row: Any) -> str:
    if row.status == "rejected":
        return "rejected"
    return "applied" if row.hits.exists() else "unmatched"


def _member(one: Listed, name: str, obj: Model) -> Any:
    if name == "unit":
        return nouns.unit_of(obj)
    return getattr(obj, f"{name}_id") if hasattr(obj, f"{name}_id") else getattr(obj, name)


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
