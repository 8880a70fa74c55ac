"""How every step is tried: on which rows, in which states, by whom, with what; and what it came to."""

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, field, replace
from inspect import Parameter, signature
from typing import Any, get_args, get_type_hints

from auditlog.models import LogEntry
from django.db import IntegrityError, connection, models, transaction
from django.db.models.base import ModelBase

from accounts import access
from accounts.models import Membership, Role, User
from accounts.offers import Offer
from accounts.steps import Step, every_step
from alerts import relay
from alerts.models import Alert
from audit.models import Outbox
from riskregister import nouns
from tests import append_only
from tests.contracts import arguments
from tests.contracts.base import NOW, undone
from tests.journeys.estate import PEOPLE, Estate
from web.page_parts.object_pages import page_of

# With all roles: somebody who has no hand in anything, and two who have a hand in most of it.
HANDS = ("alice", "mia")
ROLES = (*PEOPLE, "somebody", *HANDS)
# Who tries what nobody can do in this state: somebody who could otherwise, a stranger, somebody without a role.
FEW = {"somebody", "stranger", "without_role"}
# On which rows: the last one, and where nobody could take the step the first, or else the others.
WHICH = (slice(-1, None), slice(1), slice(1, -1))


@dataclass(frozen=True, slots=True)
class Try:
    """One step, tried by one person on one row in one state; `refusal` is what refused it, None where it was taken."""

    name: str
    step: Step[Any, Any]
    state: str
    role: str
    offer: Offer | None
    moved: models.Model | None
    refusal: Exception | None = None
    # The row that its event is of: the one that moves, or one that is made.
    about: models.Model | None = None
    # Verb and id of what it is about.
    events: tuple[tuple[str, Any], ...] = ()
    # The field-level changes of the row.
    changes: dict[str, Any] = field(default_factory=dict)
    # Alerts that lead nowhere.
    lost: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return what was tried."""
        return f"{self.name} of one {self.state or 'as it is'} as {self.role}"


def tries(estate: Estate) -> Iterator[Try]:
    """Try every step; each leaves everything as it was."""
    with undone():
        people = {role: _person(role, estate) for role in ROLES}
        Outbox.objects.update(relayed_at=NOW)
        for name, step in every_step():
            for which in WHICH:
                given = arguments.GIVEN.get(name)
                rows = iter([given(estate)]) if given else _rows(step, estate, which)
                tried = [one for row in rows for one in _by_everybody(name, step, row, people, estate)]
                yield from tried
                if any(one.refusal is None for one in tried):
                    break


def _by_everybody(
    name: str, step: Step[Any, Any], given: models.Model | None, people: dict[str, User], estate: Estate
) -> Iterator[Try]:
    state, is_told = _state(step, given), False
    is_possible = _is_possible(name, step, given, people["somebody"])
    for role, by in people.items():
        if (not is_possible and role not in FEW) or (role == "mia" and not step.rule.barred):
            continue
        with undone():
            if role in HANDS:
                _give_all_roles(by)
            row = arguments.taken_on(name, _anew(given))
            offer = step.offer(row, by) if row is not None else None
            one = _tried(Try(name, step, state, role, offer, _moved(step, row)), row, by, estate)
            yield one if one.refusal or is_told else replace(one, lost=_lost())
            is_told = is_told or one.refusal is None


def _is_possible(name: str, step: Step[Any, Any], given: models.Model | None, somebody: User) -> bool:
    """Return whether anybody can take it, which its offer says to everybody alike."""
    with undone():
        row = arguments.taken_on(name, _anew(given))
        return row is None or step.offer(row, somebody).is_possible


def _tried(one: Try, row: models.Model | None, by: User, estate: Estate) -> Try:
    step = one.step
    try:
        values = arguments.values(one.name, _asked(step), row, estate)
        result = step(*([] if row is None else [row]), by=by, now=NOW, **values)
    except Exception as refusal:  # noqa: BLE001 - which there may be is said by the contracts
        return replace(one, refusal=refusal, events=_events())
    about = result if step.rule.makes or row is None else one.moved
    return replace(one, about=about, events=_events(), changes=_changes(about))


def _rows(step: Step[Any, Any], estate: Estate, which: slice) -> Iterator[models.Model | None]:
    """Yield what a step is given: rows of Payments, in each state that the register can have them in."""
    hint = _given(step)
    if hint is None:
        yield None
        return
    for model in get_args(hint) or (hint,):
        rows = [row for row in model._base_manager.order_by("pk") if _is_tried(row, estate)]
        assert rows, f"The estate has no {model.__name__} to try {step.name} on."
        for state in _states(_moved(step, rows[0])):
            there = [row for row in rows if _state(step, row) == state]
            for row in (there if there and which == WHICH[0] else rows)[which]:
                with undone():
                    if row in there or _put(_moved(step, row), state):
                        yield _anew(row)


def _is_tried(row: models.Model, estate: Estate) -> bool:
    return nouns.unit_of(row) in (None, estate.people.payments.pk)


def _state(step: Step[Any, Any], given: models.Model | None) -> str:
    return str(getattr(_moved(step, given), "status", ""))


def _states(moved: Any) -> list[str]:
    """Return the states that a row of its kind can be in, those among them from which nothing leads on."""
    return list(moved.Status.values) if hasattr(moved, "TRANSITIONS") else [""]


def _put(row: Any, state: str) -> bool:
    try:
        with append_only.lifted(connection, type(row)), transaction.atomic():
            type(row)._base_manager.filter(pk=row.pk).update(status=state)
    except IntegrityError:
        return False
    return True


def _given(step: Step[Any, Any]) -> Any:
    """Return the kinds of row that a step is taken with; None for one that is about no row."""
    first = next(iter(signature(step.change).parameters.values()))
    hint = get_type_hints(step.change)[first.name]
    is_a_row = all(isinstance(one, ModelBase) for one in get_args(hint) or (hint,))
    return hint if is_a_row and first.kind != Parameter.KEYWORD_ONLY else None


def _asked(step: Step[Any, Any]) -> list[str]:
    """Return the arguments that must be given."""
    parameters = list(signature(step.change).parameters.values())[0 if _given(step) is None else 1 :]
    needed = [one.name for one in parameters if one.default is Parameter.empty and one.kind != Parameter.VAR_KEYWORD]
    return [name for name in needed if name not in ("by", "now")]


def _moved(step: Step[Any, Any], given: models.Model | None) -> Any:
    return nouns.follow(given, step.rule.on) if given is not None and step.rule.on else given


def _anew(row: models.Model | None) -> models.Model | None:
    if row is None or row._state.adding:
        return copy(row)
    return type(row)._base_manager.get(pk=row.pk)


def _person(role: str, estate: Estate) -> User:
    known = estate.people.everybody
    if role == "somebody":
        person = User.objects.create(email="zoe@example.org", name="Zoe")
        _give_all_roles(person)
    else:
        person = User.objects.get(pk=(known[role] if role in known else estate.person(role)).pk)
    return person


def _give_all_roles(person: User) -> None:
    Membership.objects.bulk_create(Membership(user=person, role=one, unit=None) for one in Role.values)
    access.forget(person)


def _events() -> tuple[tuple[str, Any], ...]:
    """Return what happened since: what nobody has been told of yet."""
    return tuple(Outbox.objects.filter(relayed_at=None).values_list("event__verb", "event__object_id"))


def _changes(about: Any) -> dict[str, Any]:
    if not isinstance(about, models.Model):
        return {}
    kept = LogEntry.objects.get_for_object(about).order_by("id").last()
    return (kept and kept.changes) or {}


def _lost() -> tuple[str, ...]:
    """Return the new alerts that lead to no page that the person who is told can open."""
    seen = set(Alert.objects.values_list("pk", flat=True))
    relay.relay(now=NOW)
    return tuple(
        f"{alert.title!r} to {alert.recipient.name}"
        for alert in Alert.objects.exclude(pk__in=seen).select_related("recipient")
        if not page_of(alert.recipient, alert.object_type.partition(".")[2], alert.object_id)
    )
