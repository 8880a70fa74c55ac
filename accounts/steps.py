"""A step is declared once: above the function that makes the change stands who may take it, in which states, and how.

The declaration does what every step does: transaction, lock, access, barred, state, reason, change, event, and at the
end of the transaction what follows from it. The change sets attributes of the row, its status too where it depends; the
row is written behind it. People among the arguments are held before the row, and handed to the change as they are now.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import update_wrapper
from inspect import signature
from typing import Any, Generic, ParamSpec, TypeVar, cast, overload
from uuid import UUID

from django.db import models
from django.utils import timezone

from accounts import access, holding, offers, signing
from accounts.models import Unit
from accounts.offers import Offer
from accounts.rules import Needs, Rule, status_of
from audit import trail
from riskregister import nouns, row_changes, versions
from riskregister.unit_of_work import unit_of_work

P = ParamSpec("P")
R = TypeVar("R")


class Done(Generic[R]):
    """What a step came to: its result, the data of its event, and what follows once both are written."""

    def __init__(self, result: R, **data: Any) -> None:
        """Keep the result and the data."""
        self.result, self.data = result, data
        self.follow: Callable[[], object] = lambda: None
        self.rows: tuple[models.Model, ...] = (result,) if isinstance(result, models.Model) else ()
        self.gone: tuple[str, ...] = ()

    def made(self, *rows: models.Model) -> "Done[R]":
        """Let the event tell these rows too, beside the one that it is about and the result."""
        self.rows += rows
        return self

    def removed(self, *keys: str) -> "Done[R]":
        """Let the event tell that the rows with these keys (`bound_rows.key`) are gone."""
        self.gone += keys
        return self

    def and_then(self, follow: Callable[[], object]) -> "Done[R]":
        """Let this be done when the row is written and the event recorded: what must see them, or come after."""
        self.follow = follow
        return self


class Unchanged(Done[R]):
    """What a step came to that found everything as it was to be: its result, and no event."""


class Step(Generic[P, R]):
    """A function of the trade with its rule; calling it takes the step."""

    def __init__(self, rule: Rule, change: Callable[P, R | Done[R]]) -> None:
        """Keep the rule and the change."""
        self.rule, self.change, self.name = rule, change, change.__name__
        self.parameters = tuple(signature(change).parameters)
        update_wrapper(self, change)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Take the step, all of it or nothing. Raises NotPermitted, IllegalTransition, and what the change refuses."""
        return self._called(args, kwargs, seen_at=None)

    def over(self, version: str | None) -> Callable[P, R]:
        """Return the step for somebody who saw its row at a version (None: who names none, and is not refused).

        It raises ChangedMeanwhile besides, when another has changed since then what this step writes anew.
        """

        def take(*args: P.args, **kwargs: P.kwargs) -> R:
            return self._called(args, kwargs, seen_at=version)

        return take

    def version(self, row: models.Model) -> str:
        """Return the version of a row as it is loaded: what the step would write anew."""
        return versions.version(self.rule.edits(row) if self.rule.edits else {})

    def _called(self, args: Any, kwargs: Any, *, seen_at: str | None) -> R:
        with unit_of_work():
            given = _given(args)
            row = self.rule.held(given)
            seen, asked = status_of(row), holding.before(row, kwargs)
            unit_id = _unit_of(row or given, asked)
            self.rule.require(row, asked["by"], unit_id=unit_id)
            if given is not None and (refusal := self.rule.why_barred(given, asked["by"])):
                raise refusal
            if self.rule.is_signed(row or given, asked["by"], unit_id=unit_id):
                signing.require(asked["by"])
            if row is not None and given is not None and seen_at is not None:
                self.rule.refuse_newer(given, seen_at)
            return self._take(row, args, asked, seen=seen)

    def within(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Take the step as part of another one, which holds the row and has asked who may; only its state is asked."""
        with unit_of_work():
            row = self.rule.held(_given(args))
            return self._take(row, args, kwargs, seen=status_of(row))

    def require(self, given: models.Model, by: Any) -> None:
        """Raise NotPermitted for somebody whose roles do not let them take the step on this row, before anything else.

        So a page turns them away before it asks for what the step needs.
        """
        row = self.rule.moved(given)
        self.rule.require(row, by, unit_id=nouns.unit_of(row))

    def may_somewhere(self, by: Any) -> bool:
        """Return whether somebody may take the step in some unit or on what is theirs, before it is chosen on what."""
        if self.rule.is_own and access.Capability.WRITE in access.of(by).allowed:
            return True
        return any(access.of(by).can(one) for one in self.rule.needed(None))

    def may_everywhere(self, by: Any) -> bool:
        """Return whether somebody's roles let them take the step in all units, and for the whole organisation."""
        return any(access.of(by).units_for(one) is None for one in self.rule.needed(None))

    def units(self, by: Any) -> "models.QuerySet[Unit]":
        """Return the units in which somebody's roles let them take the step."""
        return access.units_to(by, *self.rule.needed(None))

    def is_signed(self, given: models.Model, by: Any) -> bool:
        """Return whether somebody who takes the step on this row in a browser gives the password with it."""
        row = self.rule.moved(given)
        return self.rule.is_signed(row, by, unit_id=nouns.unit_of(row))

    def offer(self, given: models.Model, by: Any) -> Offer:
        """Return whether this person may take the step on the row as it is loaded, and if not, why."""
        return offers.on(given, by, rule=self.rule, name=self.name)

    def offer_of(self, row: models.Model, by: Any) -> Offer:
        """Return the same of the row that moves, before it is chosen what is given to the step, which may yet bar."""
        return offers.of_row(row, by, rule=self.rule, name=self.name)

    def _take(self, row: models.Model | None, args: Any, asked: Mapping[str, Any], *, seen: str) -> R:
        if row is not None:
            self.rule.refuse_state(row, seen=seen)
            if late := self.rule.why_late(row, today=timezone.localdate(asked["now"])):
                raise late
        reason, asked = self.rule.cleaned(asked)
        with row_changes.noted(row) as before, self.rule.unless_taken(row):
            came = cast(Any, self.change)(*args, **asked)
            row_changes.write(row, before, self.rule.to)
        done: Done[R] = came if isinstance(came, Done) else Done(came)
        if self.rule.records and not isinstance(came, Unchanged):
            about = cast(models.Model, done.result if row is None or self.rule.makes else row)
            for verb, data in ((self.rule.verb, done.data), *((verb, {}) for verb in self.rule.then)):
                record(
                    verb, about, by=asked["by"], now=asked["now"], reason=reason,
                    rows=done.rows, gone=done.gone, **data,
                )  # fmt: skip
        done.follow()
        return done.result


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


_steps: dict[str, Step[Any, Any]] = {}


def step(verb: str, *, needs: Needs, **declared: Any) -> Declaration:
    """Declare the function below to be the step `verb`; see Rule for what can be declared of it."""
    return Declaration(Rule(verb, needs, **declared))


def every_step() -> Iterator[tuple[str, Step[Any, Any]]]:
    """Yield all steps that are declared, with their dotted names."""
    yield from sorted(_steps.items())


def record(verb: str, about: models.Model, *, by: Any, now: datetime, reason: str = "", **data: Any) -> None:
    """Record that something happened to a row, with what `trail.record` takes besides. Part of a step."""
    trail.record(verb, about, by=by, at=now, reason=reason, **data)


def _given(args: tuple[Any, ...]) -> models.Model | None:
    return args[0] if args and isinstance(args[0], models.Model) else None


def _unit_of(row: models.Model | None, asked: Mapping[str, Any]) -> UUID | None:
    """Return the unit in which the step is taken: the row's, or the one in which something is made."""
    unit = asked.get("unit")
    if row is not None:
        return nouns.unit_of(row)
    return unit.pk if isinstance(unit, models.Model) else None
