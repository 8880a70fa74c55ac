"""A step is declared once: its verb, who may take it, in which states, and who is barred.

The declaration stands above the function that makes the change, and does what every step does: transaction, lock,
access, barred, state, reason, change, event, and at the end of the transaction what follows from it. It also answers
"may this person do this now, and if not, why?" for buttons, the API and the documentation.

The change sets attributes of the row, its status too where it depends; the row is written behind it. People among the
arguments are held before the row, and handed to the change as they are now.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import update_wrapper
from inspect import signature
from typing import Any, Generic, ParamSpec, TypeVar, cast, overload
from uuid import UUID

from django.db import IntegrityError, models

from accounts import access
from accounts.access import Capability
from accounts.models import User
from accounts.principals import Bar
from audit import trail
from riskregister import nouns, row_changes, transitions
from riskregister.refusals import Refused
from riskregister.text import clean_reason, clean_text
from riskregister.unit_of_work import unit_of_work

P = ParamSpec("P")
R = TypeVar("R")
Needs = Capability | tuple[Capability, ...] | Mapping[str, Capability]


class Done(Generic[R]):
    """What a step came to: its result, the data of its event, and what follows once both are written."""

    def __init__(self, result: R, **data: Any) -> None:
        """Keep the result and the data."""
        self.result, self.data = result, data
        self.follow: Callable[[], object] = lambda: None

    def and_then(self, follow: Callable[[], object]) -> "Done[R]":
        """Let this be done when the row is written and the event recorded: what must see them, or come after."""
        self.follow = follow
        return self


class Unchanged(Done[R]):
    """What a step came to that found everything as it was to be: its result, and no event."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Whether somebody may take a step now.

    `is_possible`: whether anybody may, in the state that it is in; `why_not`: the sentence if this person may not;
    `barred`: the same where their roles would do and they have a hand in it.
    """

    name: str
    is_possible: bool
    why_not: str = ""
    barred: str = ""

    @property
    def may(self) -> bool:
        """Return whether this person may take it now."""
        return self.is_possible and not self.why_not


@dataclass(frozen=True, slots=True)
class Rule:
    """What is declared of a step.

    `needs`: the capabilities of which one is needed, by the state that the row is in where a mapping (in a state that
    it does not name: the last); none for what somebody does with what is their own, where `barred` refuses others;
    `also`: those that some of what it can be asked for needs besides; `own`: the path to the person who may take it
    whatever their roles. `frm`: the states it is taken from (empty: those from which the table leads `to`), `to`: where
    it leads (empty: it stays), `otherwise`: return what is raised in another state than `frm`, in place of
    IllegalTransition; `as_seen`: True when the row must still be in the state in which it was seen. `barred`: return
    the refusal for somebody who must not take it. `taken`: return the refusal for when a constraint of the row says
    that somebody was first. `reason`: the argument that is the reason and must not be empty, `note`: one that may be.
    `makes`: the model of what comes about, whose event it is; what it is made of is held where its state counts. `on`:
    the path from the given row to the one that moves, and whose event it is. `then`: verbs of events that follow the
    first, with its reason. `records`: False for a step whose parts record theirs.
    """

    verb: str
    needs: Needs
    also: tuple[Capability, ...] = ()
    own: str = ""
    frm: tuple[str, ...] = ()
    to: str = ""
    otherwise: Callable[[Any], Exception] | None = None
    as_seen: bool = False
    barred: tuple[Bar, ...] = ()
    taken: Callable[[Any], Exception] | None = None
    reason: str = ""
    note: str = ""
    makes: type[models.Model] | None = None
    on: str = ""
    then: tuple[str, ...] = ()
    records: bool = True

    @property
    def capabilities(self) -> tuple[Capability, ...]:
        """Return all capabilities with which the step can be tried: the scopes of a token, of which one is needed."""
        own = (Capability.WRITE,) if self.own or not self.needs else ()
        return tuple(dict.fromkeys((*self.needed(None), *own, *self.also)))

    def needed(self, row: models.Model | None) -> tuple[Capability, ...]:
        """Return the capabilities of which one is needed for the row as it is; for no row all that can be."""
        if isinstance(self.needs, Mapping):
            every = tuple(self.needs.values())
            return every if row is None else (self.needs.get(_status(row), every[-1]),)
        return (self.needs,) if isinstance(self.needs, str) else self.needs

    def require(self, row: models.Model | None, by: Any, *, unit_id: UUID | None) -> None:
        """Raise NotPermitted for somebody whose roles, unless it is their own, or whose credentials do not let them."""
        is_own = self.own and row is not None and nouns.follow(row, self.own) == getattr(by, "person", None)
        if is_own or not self.needs:
            access.require_scope(by, Capability.WRITE)
        else:
            access.require_any(by, *self.needed(row), unit_id=unit_id)

    def refuse_state(self, row: models.Model, *, seen: str) -> None:
        """Raise IllegalTransition for a row in a state from which the step does not lead; `seen`: the one before."""
        was = _status(row)
        if self.otherwise and was not in self.frm:
            raise self.otherwise(row)
        if (self.frm and was not in self.frm) or (self.as_seen and was != seen):
            raise transitions.IllegalTransition(row, was, self.to or "a change")
        if self.to and not self.frm:
            transitions.require(row, self.to)

    def why_barred(self, given: models.Model, by: Any) -> access.NotPermitted | None:
        """Return the refusal for somebody who must not take the step, or None."""
        return next((refusal for bar in self.barred if (refusal := bar(given, by))), None)


class Step(Generic[P, R]):
    """A function of the trade with its rule; calling it takes the step."""

    def __init__(self, rule: Rule, change: Callable[P, R | Done[R]]) -> None:
        """Keep the rule and the change."""
        self.rule, self.change, self.name = rule, change, change.__name__
        self.parameters = tuple(signature(change).parameters)
        update_wrapper(self, change)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Take the step, all of it or nothing. Raises NotPermitted, IllegalTransition, and what the change refuses."""
        with unit_of_work():
            return _take(self, args, kwargs)

    def within(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Take the step as part of another one, which holds the row and has asked who may; only its state is asked."""
        with unit_of_work():
            row = _row(self.rule, args)
            return _change(self, row, args, dict(kwargs), seen=_status(row))

    def offer(self, given: models.Model, by: Any) -> Offer:
        """Return whether this person may take the step on the row as it is loaded, and if not, why."""
        offer = self.offer_of(_moved(self.rule, given), by)
        barred = str(self.rule.why_barred(given, by) or "") if offer.may else ""
        return replace(offer, why_not=offer.why_not or barred, barred=barred)

    def offer_of(self, row: models.Model, by: Any) -> Offer:
        """Return the same of the row that moves, before it is chosen what is given to the step, which may yet bar."""
        try:
            self.rule.refuse_state(row, seen=_status(row))
        except (transitions.IllegalTransition, Refused) as refusal:
            return Offer(self.name, is_possible=False, why_not=str(refusal))
        try:
            self.rule.require(row, by, unit_id=nouns.unit_of(row))
        except access.NotPermitted as refusal:
            return Offer(self.name, is_possible=True, why_not=str(refusal))
        return Offer(self.name, is_possible=True)


_steps: dict[str, Step[Any, Any]] = {}


class Declaration:
    """What makes a step of a function, as `step` declares it."""

    def __init__(self, rule: Rule) -> None:
        """Keep the rule."""
        self.rule = rule

    @overload
    def __call__(self, change: Callable[P, Done[R]]) -> Step[P, R]: ...
    @overload
    def __call__(self, change: Callable[P, R]) -> Step[P, R]: ...
    def __call__(self, change: Callable[P, Any]) -> Any:
        """Return the step that the function makes, which can be found by its dotted name."""
        made: Step[P, Any] = Step(self.rule, change)
        _steps[f"{change.__module__}.{change.__name__}"] = made
        return made


def step(verb: str, *, needs: Needs, **said: Any) -> Declaration:
    """Declare the function below to be the step `verb`; see Rule for what can be said of it."""
    return Declaration(Rule(verb, needs, **said))


def every_step() -> Iterator[tuple[str, Step[Any, Any]]]:
    """Yield all steps that are declared, with their dotted names."""
    yield from sorted(_steps.items())


def _take(one: Step[Any, R], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> R:
    rule, by, given = one.rule, kwargs["by"], args[0] if args else None
    # In the one global order: whoever hands over holds people first.
    kwargs = dict(kwargs) | _people(kwargs)
    row = _row(rule, args)
    seen = _status(row)
    if row is not None:
        nouns.hold(row)
    about = row if row is not None else given if isinstance(given, models.Model) else None
    rule.require(row, by, unit_id=_unit(about, kwargs))
    if isinstance(given, models.Model) and (refusal := rule.why_barred(given, by)):
        raise refusal
    return _change(one, row, args, kwargs, seen=seen)


def _change(
    one: Step[Any, R], row: models.Model | None, args: tuple[Any, ...], kwargs: dict[str, Any], *, seen: str
) -> R:
    rule, by, now = one.rule, kwargs["by"], kwargs["now"]
    if row is not None:
        rule.refuse_state(row, seen=seen)
    reason = _clean(rule, kwargs)
    with row_changes.noted(row) as before:
        came = one.change(*args, **kwargs)
        with _unless_taken(rule, row):
            row_changes.write(row, before, rule.to)
    done = came if isinstance(came, Done) else Done(came)
    if rule.records and not isinstance(came, Unchanged):
        about = cast(models.Model, done.result if row is None or rule.makes else row)
        for verb, data in ((rule.verb, done.data), *((verb, {}) for verb in rule.then)):
            record(verb, about, by=by, now=now, reason=reason, **data)
    done.follow()
    return cast(R, done.result)


@contextmanager
def _unless_taken(rule: Rule, row: models.Model | None) -> Iterator[None]:
    """Raise what the rule says when a constraint finds, as no look before can, that somebody else was first."""
    refusal = rule.taken(row) if rule.taken else None
    try:
        yield
    except IntegrityError as error:
        if refusal is None:
            raise
        raise refusal from error


def record(verb: str, about: models.Model, *, by: Any, now: datetime, reason: str = "", **data: Any) -> None:
    """Record an event of a row as its card says: who may read it, and on whose page it is shown too. Part of a step."""
    noun = nouns.card(about)
    trail.record(
        verb,
        about,
        by=by,
        at=now,
        reason=reason,
        unit_id=nouns.unit_of(about),
        concerns=nouns.subject_of(about),
        administrative=noun.is_administrative,
        **data,
    )


def _clean(rule: Rule, kwargs: dict[str, Any]) -> str:
    """Clean the reason among the arguments in its place, and return it."""
    name = rule.reason or rule.note
    if not name:
        return ""
    clean = clean_reason if rule.reason else clean_text
    kwargs[name] = clean(kwargs.get(name) or "", field=name)
    return cast(str, kwargs[name])


def _row(rule: Rule, args: tuple[Any, ...]) -> models.Model | None:
    """Return the row that the step holds, None for one that only makes another."""
    given = args[0] if args and isinstance(args[0], models.Model) else None
    return None if given is None or (rule.makes and not rule.frm) else _moved(rule, given)


def _people(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return the people who are given something, as they are now and held, so that nobody bars them meanwhile."""
    named = {name: one for name, one in said.items() if isinstance(one, User) and name != "by"}
    ordered = sorted(named.items(), key=lambda pair: str(pair[1].pk))
    within = {name: {**one, **_people(one)} for name, one in said.items() if isinstance(one, Mapping)}
    return {name: access.held(one) for name, one in ordered} | within


def _status(row: models.Model | None) -> str:
    return str(getattr(row, "status", ""))


def _moved(rule: Rule, given: models.Model) -> models.Model:
    return cast(models.Model, nouns.follow(given, rule.on)) if rule.on else given


def _unit(row: models.Model | None, kwargs: Mapping[str, Any]) -> UUID | None:
    unit = kwargs.get("unit")
    if row is not None:
        return nouns.unit_of(row)
    return unit.pk if isinstance(unit, models.Model) else None
