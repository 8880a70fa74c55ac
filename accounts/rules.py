"""What is declared of a step: its verb, who may take it, in which states, who is barred; and what follows of that."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any, cast
from uuid import UUID

from django.db import IntegrityError, models

from accounts import access
from accounts.access import Capability
from accounts.principals import Bar
from riskregister import nouns, transitions
from riskregister.text import clean_reason, clean_text
from riskregister.versions import ChangedMeanwhile, Facts, differing

Needs = Capability | tuple[Capability, ...] | Mapping[str, Capability]
# What is signed: it decides, or gives or takes what people may do.
_SIGNING = frozenset({Capability.DECIDE, Capability.ADMINISTER})


@dataclass(frozen=True, slots=True)
class Rule:
    """What is declared of a step, as plain data and small functions of the row and of who acts."""

    # Of what happened: the first event of the step.
    verb: str
    # The capabilities of which one is needed; a mapping says so by the state of the row (in another state: the last).
    # None for what somebody does with what is their own, where `barred` refuses others.
    needs: Needs
    # Those that some of what the step can be asked for needs besides.
    also: tuple[Capability, ...] = ()
    # Returns the capability that some rows take in place of `needs`, as a critical finding takes somebody who decides;
    # None for others. One of `barred` refuses whoever lacks it.
    needs_of: Callable[[Any], Capability | None] | None = None
    # Why a step that decides or administers is taken without the password, which a browser session else gives again.
    unsigned: str = ""
    # The path to the person who may take it whatever their roles.
    own: str = ""
    # The states it is taken from (empty: those from which the table leads `to`), and where it leads (empty: it stays).
    frm: tuple[str, ...] = ()
    to: str = ""
    # Returns what is raised in another state than `frm`, in place of IllegalTransition.
    otherwise: Callable[[Any], Exception] | None = None
    # Whether the row must still be in the state in which it was seen.
    as_seen: bool = False
    # Returns what the step raises for a row on which nobody can take it, whatever its state: there it is not offered.
    # The step raises it itself, once it holds what counts.
    unfit: Callable[[Any], Exception | None] | None = None
    # Returns what is raised for a row on a day that is too late for the step, whose rows say until when it is taken.
    late: Callable[[Any, date], Exception | None] | None = None
    # Each returns the refusal for somebody who must not take it.
    barred: tuple[Bar, ...] = ()
    # Returns the refusal for when a constraint of the row says that somebody was first.
    taken: Callable[[Any], Exception] | None = None
    # The argument that is the reason and must not be empty, or one that may be.
    reason: str = ""
    note: str = ""
    # The model of what comes about, whose event it is; what it is made of is held where its state counts.
    makes: type[models.Model] | None = None
    # The path from the given row to the one that moves, and whose event it is.
    on: str = ""
    # Verbs of events that follow the first, with its reason.
    then: tuple[str, ...] = ()
    # Returns the facts that the step writes anew, as the row has them that it is given: whoever saw others is refused
    # (`Step.over`).
    edits: Facts | None = None
    # False for a step whose parts record theirs.
    records: bool = True

    @property
    def capabilities(self) -> tuple[Capability, ...]:
        """Return all capabilities with which the step can be tried: the scopes of a token, of which one is needed."""
        own = (Capability.WRITE,) if self.is_own else ()
        return tuple(dict.fromkeys((*self.needed(None), *own, *self.also)))

    @property
    def is_own(self) -> bool:
        """Return whether people take it with what is theirs, whatever their roles."""
        return bool(self.own) or not self.needs

    def needed(self, row: models.Model | None) -> tuple[Capability, ...]:
        """Return the capabilities of which one is needed for the row as it is; for no row all that can be."""
        if isinstance(self.needs, Mapping):
            every = tuple(self.needs.values())
            return every if row is None else (self.needs.get(status_of(row), every[-1]),)
        return (self.needs,) if isinstance(self.needs, str) else self.needs

    def takers(self, row: models.Model) -> tuple[Capability, ...]:
        """Return the capabilities of which one lets somebody take the step on this row, unless they are barred."""
        taken_by = self.needs_of(row) if self.needs_of else None
        return (taken_by,) if taken_by else self.needed(row)

    def is_signed(self, row: models.Model | None, by: Any, *, unit_id: UUID | None) -> bool:
        """Return whether a browser session gives the password for it, on the row as it is.

        Where only some of what it can be asked for decides, those who may decide give it.
        """
        if self.unsigned:
            return False
        can_decide = (access.of(by).can(one, unit_id) for one in self.also if one in _SIGNING)
        return not _SIGNING.isdisjoint(self.needed(row)) or any(can_decide)

    def moved(self, given: models.Model) -> models.Model:
        """Return the row that moves when the step is given this one."""
        return cast(models.Model, nouns.follow(given, self.on)) if self.on else given

    def held(self, given: models.Model | None) -> models.Model | None:
        """Return the row that the step holds, None for a step that only makes another."""
        return None if given is None or (self.makes and not self.frm) else self.moved(given)

    def require(self, row: models.Model | None, by: Any, *, unit_id: UUID | None) -> None:
        """Raise NotPermitted for somebody whose roles, unless it is their own, or whose credentials do not let them."""
        is_theirs = self.own and row is not None and nouns.follow(row, self.own) == getattr(by, "person", None)
        if is_theirs or not self.needs:
            access.require_scope(by, Capability.WRITE)
        else:
            access.require_any(by, *self.needed(row), unit_id=unit_id)

    def refuse_state(self, row: models.Model, *, seen: str) -> None:
        """Raise IllegalTransition for a row in a state from which the step does not lead; `seen`: the one before."""
        was = status_of(row)
        if self.otherwise and was not in self.frm:
            raise self.otherwise(row)
        if (self.frm and was not in self.frm) or (self.as_seen and was != seen):
            raise transitions.IllegalTransition(row, was, self.to)
        if self.to and not self.frm:
            transitions.require(row, self.to)

    def why_unfit(self, row: models.Model) -> Exception | None:
        """Return what the step raises for this row as it is, whoever takes it, or None."""
        return self.unfit(row) if self.unfit else None

    def why_late(self, row: models.Model, *, today: date) -> Exception | None:
        """Return what the step raises for this row on a day, since it is too late for it, or None."""
        return self.late(row, today) if self.late else None

    def refuse_newer(self, row: models.Model, seen: str) -> None:
        """Raise ChangedMeanwhile when the given row has other facts than the version that somebody saw.

        It is held, or the row that moves is, of which it is a part.
        """
        now = type(row)._base_manager.get(pk=row.pk)
        if self.edits and (names := differing(self.edits(now), seen)):
            raise ChangedMeanwhile(now, names)

    def why_barred(self, given: models.Model, by: Any) -> access.NotPermitted | None:
        """Return the refusal for somebody who must not take the step, or None."""
        return next((refusal for bar in self.barred if (refusal := bar(given, by))), None)

    @contextmanager
    def unless_taken(self, row: models.Model | None) -> Iterator[None]:
        """Raise what `taken` returns when a constraint finds, as no look before can, that somebody was first."""
        refusal = self.taken(row) if self.taken else None
        try:
            yield
        except IntegrityError as error:
            if refusal is None:
                raise
            raise refusal from error

    def cleaned(self, asked: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """Return the reason, cleaned (empty where there is none), and the arguments with it. Raises Refused."""
        name = self.reason or self.note
        if not name:
            return "", dict(asked)
        reason = (clean_reason if self.reason else clean_text)(asked.get(name) or "", field=name)
        return reason, {**asked, name: reason}


def status_of(row: models.Model | None) -> str:
    """Return the state that a row shows, empty for what has none."""
    return str(getattr(row, "status", ""))
