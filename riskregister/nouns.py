"""How a noun of the trade introduces itself: one card each, registered by its room and read by every door."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import models


@dataclass(frozen=True, slots=True)
class Noun:
    """The card of a model.

    `unit` is the path to the id of its business unit (None: it belongs to the whole organisation), `subject` the path
    to the server or vendor whose page shows its events too ("self": its own). What `is_administrative` is for
    administrators and auditors of all only. `holds` names the
    relations whose rows are held before its own, in the global order: users, servers, what belongs to a server,
    findings, vendors. `moving` are the fields that other steps change, read anew when a row is held.
    """

    model: type[models.Model]
    unit: str | None = "unit_id"
    subject: str = ""
    is_administrative: bool = False
    holds: tuple[str, ...] = ()
    moving: tuple[str, ...] = ("status",)


_cards: dict[type[models.Model], Noun] = {}


def register(*nouns: Noun) -> None:
    """Add the cards of a room, once it is loaded."""
    _cards.update({noun.model: noun for noun in nouns})


def card(of: models.Model | type[models.Model]) -> Noun:
    """Return the card of a model or of a row. Raises LookupError for one that nobody introduced."""
    model = of if isinstance(of, type) else type(of)
    if model not in _cards:
        raise LookupError(f"{model.__name__} has no card: register a Noun for it in the nouns.py of its room.")
    return _cards[model]


def cards() -> Iterator[Noun]:
    """Yield all cards, in the order of the rooms."""
    yield from _cards.values()


def unit_of(row: models.Model) -> UUID | None:
    """Return the id of the unit that a row belongs to; None for what belongs to the whole organisation."""
    path = card(row).unit
    found: UUID | None = follow(row, path) if path else None
    return found


def subject_of(row: models.Model) -> models.Model | None:
    """Return the server or vendor whose page shows the row's events too, or None."""
    path = card(row).subject
    if path == "self":
        return row
    found: models.Model | None = follow(row, path) if path else None
    return found


def follow(row: models.Model, path: str) -> Any:
    """Return what a dotted path leads to from a row, None where it ends early."""
    found: Any = row
    for name in path.split("."):
        found = getattr(found, name) if found is not None else None
    return found


def hold(row: models.Model) -> None:
    """Bring a row, and what is held before it, up to date, and hold them until the transaction ends."""
    noun = card(row)
    for name in noun.holds:
        before = getattr(row, name)
        if before is not None:
            hold(before)
    # Its key is left free: a row that refers to it can be written meanwhile.
    held = type(row)._base_manager.select_for_update(of=("self",), no_key=True)
    row.refresh_from_db(fields=noun.moving, from_queryset=held)
