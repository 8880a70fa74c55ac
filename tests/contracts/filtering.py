"""Every filter that a list declares narrows it to exactly the rows that answer to the value, and refuses what it does
not know.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Model
from django.utils import timezone

from accounts.lists import groups
from assessments.models import AnswerEvidence, Assessment
from decisions.models import Approval
from evidence import verification
from findings.lists import SOON
from riskregister import nouns
from tests.contracts.base import Listed, OfTheEstate, key_of, lists
from tests.journeys.estate import DAY

KEY = UUID("01900000-0000-7000-8000-000000000000")
TRIED = 4


def _approvals(server: Any) -> list[str]:
    """Return the words for how a server stands with its approvals today."""
    today = timezone.localdate()
    if Approval.objects.in_force(today=today).filter(server=server).exists():
        return ["in_date"]
    granted = Approval.objects.filter(server=server, status=Approval.Status.GRANTED)
    return ["missing", "expired" if granted.exclude(decision=Approval.Decision.REJECT).exists() else "none"]


def _states(acceptance: Any) -> list[str]:
    """Return the words for how an acceptance stands today."""
    today = timezone.localdate()
    state = acceptance.state(today=today)
    soon = state == "in_force" and acceptance.expires_on <= today + SOON
    return ["waiting" if state == "requested" else state, *(["expiring"] if soon else [])]


# What a row answers to, where it is no member of the row with the filter's name.
ANSWERS: Mapping[tuple[str, str], Callable[[Any], Iterable[Any]]] = {
    ("vendor", "kind"): lambda row: row.kinds.values_list("kind", flat=True),
    ("server", "vendor"): lambda row: row.suppliers.values_list("vendor_id", flat=True),
    ("server", "residual"): lambda row: [row.rating.residual],
    ("server", "name"): lambda row: [row.name, row.name.upper()],
    ("finding", "severity"): lambda row: [row.get_severity_display().lower()],
    ("finding", "about"): lambda row: [row.subject.title, row.server.name] if row.server else [row.vendor.name],
    ("finding", "supplier"): lambda row: (
        row.server.suppliers.values_list("vendor_id", flat=True) if row.server else [row.vendor_id]
    ),
    ("finding", "is_overdue"): lambda row: [row.is_overdue(today=timezone.localdate())],
    ("server", "approval"): _approvals,
    ("assessment", "is_overdue"): lambda row: [
        row.status in Assessment.WAITING and row.due_on is not None and row.due_on < timezone.localdate()
    ],
    ("riskacceptance", "state"): _states,
    ("approval", "state"): lambda row: [row.state(today=timezone.localdate())],
    ("review", "is_overdue"): lambda row: [row.is_overdue(today=timezone.localdate())],
    ("review", "state"): lambda row: [row.status, row.state(today=timezone.localdate()), "all"],
    ("evidence", "state"): lambda row: [verification.state(row, today=timezone.localdate())],
    ("evidence", "server"): lambda row: AnswerEvidence.objects.filter(evidence=row).values_list(
        "answer__assessment__server", flat=True
    ),
    ("evidence", "vendor"): lambda row: AnswerEvidence.objects.filter(
        evidence=row, answer__question__subject="vendor"
    ).values_list("answer__assessment__vendor", flat=True),
    ("deployment", "has_ended"): lambda row: [row.ended_on is not None],
    ("evidence", "sha256"): lambda row: [row.blob_id] if row.blob_id else [],
    ("event", "what"): lambda row: [
        word for word, (_named, verbs) in groups().items() if row.verb.partition(".")[0] in verbs
    ],
    ("event", "about"): lambda row: [row.object_id, row.concerns_id],
    ("event", "noun"): lambda row: [row.verb.partition(".")[0]],
    ("event", "object"): lambda row: [row.object_id],
    ("event", "actor"): lambda row: [row.actor_id],
    ("event", "correlation"): lambda row: [row.correlation_id],
    ("event", "concerns"): lambda row: [row.concerns_id] if row.concerns_id else [],
    ("control", "framework"): lambda row: [row.framework.key],
    ("control", "ref"): lambda row: [row.ref, row.ref.lower()],
    ("alert", "is_unread"): lambda row: [row.read_at is None],
}  # fmt: skip
# Where the day of a filter is no member with its name before the underscore.
DAYS: Mapping[tuple[str, str], str] = {
    ("assessment", "due_before"): "due_on",
    ("finding", "due_before"): "due_on",
    ("finding", "created_from"): "created_at",
    ("review", "due_before"): "due_on",
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
# Free words; see SearchContract.
WORDS = {"search", "q", "who"}


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
        rows = one.rows(caller)
        objects = one.objects(rows)
        for value in _values(one, name, objects):
            expected = {key_of(row) for row, obj in zip(rows, objects, strict=True) if _fits(one, name, value, obj)}
            found = [key_of(row) for row in one.rows(caller, **{name: value})]
            if set(found) != expected or len(found) != len(expected):
                yield f"{one.path}?{name}={value} shows {len(found)} rows; {len(expected)} answer to it."
            narrowed |= 0 < len(expected) < len(rows)
        if not narrowed and (one.noun.kind, name) not in ALIKE:
            yield f"{one.path}?{name}: the estate has no rows that it tells apart."

    def _taken_for_everything(self, one: Listed) -> Iterator[str]:
        caller = self.caller(one.reader)
        said = {name: "no such thing" for name, filter_ in _filters(one).items() if not _is_free(filter_)}
        for name, value in (said | {"no_such_filter": "1", "ordering": "no_such_order"}).items():
            response = caller.get(one.path, **{name: value})
            if response.status_code != 400 or response.json()["type"].rsplit(":", 1)[-1] != "invalid":
                yield f"{one.path}?{name}={value}: {response.status_code}"


def _filters(one: Listed) -> dict[str, Any]:
    declared = getattr(one.view, "filterset_class", None)
    return {name: found for name, found in declared.base_filters.items() if name not in WORDS} if declared else {}


def _is_free(filter_: Any) -> bool:
    return type(filter_).__name__ in {"CharFilter", "Exact", "Words", "BooleanFilter"}


def _values(one: Listed, name: str, objects: list[Model]) -> list[str]:
    """Return values to try: what some rows answer to, what none does, and a day in their midst."""
    if (one.noun.kind, name) in DAYS:
        days = sorted({day for obj in objects if (day := _day(one, name, obj)) is not None})
        if name == "until":
            days = [timezone.localdate(day) for day in days]
        return [days[len(days) // 2].isoformat(), (days[-1] + DAY).isoformat()] if days else []
    if name.startswith(("is_", "has_")):
        return ["true", "false"]
    answered = sorted({value for obj in objects for value in _answers(one, name, obj) if value})
    choices = [str(key) for key, _word in one.view.filterset_class.base_filters[name].extra.get("choices", ())]
    nobody = [str(KEY)] if any(_is_key(value) for value in answered) else []
    return [*answered[:TRIED], *(choices or nobody)]


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
    said = {_written(value) for value in found if value is not None}
    filter_ = _filters(one)[name]
    groups = getattr(filter_, "groups", None) or {}
    said |= {word for word, (_label, values) in groups.items() if said & {str(value) for value in values}}
    return said | {"none" for word in getattr(filter_, "words", ()) if word == "none" and None in found}


def _member(one: Listed, name: str, obj: Model) -> Any:
    if name == "unit":
        return nouns.unit_of(obj)
    return getattr(obj, f"{name}_id") if hasattr(obj, f"{name}_id") else getattr(obj, name)


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
