"""How a noun of the trade introduces itself: one card each, registered by its room and read by every door.

A card is plain data. What it says is checked by tests/test_nouns.py, and docs/adding-a-noun.md begins with it.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast
from uuid import UUID

from django.db import models
from django.db.models import Q, QuerySet

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True, slots=True)
class Page:
    """A page on which a row is shown: the name of its route, and the path to the key in its address ("": it has none).

    `whose` is the path to the key of the person to whom alone it is shown, `needs` the capability that it is for.
    """

    route: str
    key: str = "pk"
    whose: str = ""
    needs: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """What it means to be the person whom a field of a noun names.

    `needs` is the capability without which nobody has the row in hand; `still` says which rows are in anybody's hands
    at all. `given` and `left` are the verbs of the events when it goes to somebody and to nobody; where there is no
    `left` it goes only to a person who is named. `successor` returns who gets a row where nobody is named (None:
    whoever would review its server).
    """

    needs: str
    still: Q
    given: str
    left: str = ""
    successor: Callable[[Any], Any] | None = None


@dataclass(frozen=True, slots=True)
class FieldHistory:
    """Of which fields django-auditlog keeps no changes, and of which it hides the values.

    `called` is the path to what an entry calls a row that is named by its own value: an answer, by its question.
    """

    leaves_out: tuple[str, ...] = ()
    hides: tuple[str, ...] = ()
    called: str = ""


@dataclass(frozen=True, slots=True)
class Noun:
    """The card of a model.

    What it is called: `word` and `plural` (by the model's own name unless said), `prefix` of its human number, `verbs`
    the first words of its events.

    Where it belongs: `unit` is the path to the id of its business unit (None: it belongs to the whole organisation),
    `subject` the path to the server or vendor whose page shows its events too ("self": its own), `of` the path to the
    row whose part it is, in whose field history its changes stand. What `is_administrative` is for administrators and
    auditors of all only. A row without a unit is everybody's, unless `is_of_all_units` says that it is about all of
    them, and so for those who have a role in the whole organisation. `own` is the column with the key of the person
    who sees a row, and what they are told of it, whatever their roles.

    How it is held: `holds` names the relations whose rows are held before its own, in the global order: users, servers,
    what belongs to a server, findings, vendors. `moving` are the fields that other steps change, read anew when a row
    is held.

    How it is found: `visible` returns the rows that somebody may see (unless said, `visible_to` of its manager does),
    `related` are the relations that its name and access are read from, `words` the lookups that people search, `hint`
    the path to what stands beside a hit, `pages` where it is shown: the first that is for whoever asks.

    Who is told of it: `places` are the paths to who holds which place in it, `opens` those to what an alert about it
    leads to, `due_on` is the one to the day by which it is due; the first path that leads somewhere counts. Rules for
    alerts ask `severity` and `tier`, the paths to both, `vendors`, which returns the ids of the vendors behind it, and
    `tags`, which returns its tags.

    What is done with it: `held_by` says what the people are to it whom its fields name, `field_history` what is kept of
    its changes (None: nothing), `demo` are the lookups by which a row is known as one of the demo organisation; unless
    said, it is one when a row that it must refer to is.
    """

    model: type[models.Model]
    word: str = ""
    plural: str = ""
    prefix: str = ""
    verbs: tuple[str, ...] = ()
    unit: str | None = "unit_id"
    own: str = ""
    subject: str = ""
    of: str = ""
    is_of_all_units: bool = False
    is_administrative: bool = False
    holds: tuple[str, ...] = ()
    moving: tuple[str, ...] = ("status",)
    visible: "Callable[[Any], QuerySet[Any]] | None" = None
    related: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    hint: str = ""
    pages: tuple[Page, ...] = ()
    places: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    opens: tuple[str, ...] = ("self",)
    due_on: str = ""
    severity: str = ""
    tier: str = ""
    vendors: "Callable[[Any], Collection[UUID]]" = lambda _row: ()
    tags: "Callable[[Any], Collection[str]]" = lambda _row: ()
    held_by: Mapping[str, Place] = field(default_factory=dict)
    field_history: FieldHistory | None = FieldHistory()
    demo: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Fill in what follows from the rest."""
        word = self.word or str(self.model._meta.verbose_name)
        # Once, before anybody sees the card.
        object.__setattr__(self, "word", word)
        object.__setattr__(self, "plural", self.plural or f"{word}s")

    @property
    def kind(self) -> str:
        """Return the model's name, by which addresses and alerts know it, e.g. "riskacceptance"."""
        return str(self.model._meta.model_name)

    def number_in(self, text: str) -> int | None:
        """Return the number that somebody wrote of one of the rows, e.g. "F-12" or "12", or None."""
        digits = text.strip().upper().removeprefix(f"{self.prefix}-")
        return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 16 else None

    @property
    def is_seen_by_row(self) -> bool:
        """Return whether somebody may see some of the rows and not others; if not, its pages say whom they are for."""
        return self.visible is not None or hasattr(self.model._default_manager, "visible_to")


_cards: dict[type[models.Model], Noun] = {}


def register(*nouns: Noun) -> None:
    """Add the cards of a room, once it is loaded."""
    _cards.update({noun.model: noun for noun in nouns})


def card(of: models.Model | type[models.Model]) -> Noun:
    """Return the card of a model or of a row. Raises LookupError for one that nobody introduced."""
    model = of if isinstance(of, type) else of.__class__
    if model not in _cards:
        raise LookupError(f"{model.__name__} has no card: register a Noun for it in the nouns.py of its room.")
    return _cards[model]


def cards() -> Iterator[Noun]:
    """Yield all cards, in the order of the rooms."""
    yield from _cards.values()


def of_kind(kind: str) -> Noun | None:
    """Return the card of the model with this name, or None."""
    return next((noun for noun in cards() if noun.kind == kind), None)


def known(model: type[models.Model]) -> Noun | None:
    """Return the card of a model, or None: not every table is a noun."""
    return _cards.get(model)


def owner(noun: Noun) -> type[models.Model] | None:
    """Return the model of the rows whose parts the noun's rows are, or None."""
    found = noun.model
    for name in noun.of.split(".") if noun.of else ():
        found = cast(type[models.Model], found._meta.get_field(name).related_model)
    return found if noun.of else None


def visible_rows(noun: Noun, user: Any) -> "QuerySet[Any]":
    """Return the rows of a noun that somebody may see, with the relations that their names are read from."""
    manager: Any = noun.model._default_manager
    rows: QuerySet[Any] = noun.visible(user) if noun.visible else manager.visible_to(user)
    return rows.select_related(*noun.related) if noun.related else rows


def unit_of(row: models.Model) -> UUID | None:
    """Return the id of the unit that a row belongs to; None for what belongs to the whole organisation."""
    path = card(row).unit
    found: UUID | None = follow(row, path) if path else None
    return found


def subject_of(row: models.Model) -> models.Model | None:
    """Return the server or vendor whose page shows the row's events too, or None."""
    path = card(row).subject
    found: models.Model | None = follow(row, path) if path else None
    return found


def opened_by(row: models.Model) -> models.Model:
    """Return the row whose page an alert about a row leads to."""
    found = (follow(row, path) for path in card(row).opens)
    return next((one for one in found if one is not None), row)


def holders(row: models.Model, place: str) -> tuple[models.Model, list[Any]]:
    """Return who holds a place in a row (nobody, one person, or the people of a relation), and of what they hold it."""
    for path in card(row).places.get(place, ()):
        found = follow(row, path)
        if found is not None:
            what = follow(row, path.rpartition(".")[0] or "self")
            return what, list(found.order_by("pk")) if isinstance(found, models.Manager | QuerySet) else [found]
    return row, []


def follow(row: models.Model, path: str) -> Any:
    """Return what a dotted path leads to from a row ("self": the row), None where it ends early."""
    found: Any = row
    for name in path.split(".") if path != "self" else ():
        found = getattr(found, name) if found is not None else None
    return found


def hold(row: models.Model) -> None:
    """Bring a row, and what is held before it, up to date, and hold them until the transaction ends."""
    noun = card(row)
    for name in noun.holds:
        _hold_before(row, cast("models.ForeignKey[Any, Any]", row._meta.get_field(name)))
    row.refresh_from_db(fields=noun.moving, from_queryset=_held(type(row)._base_manager.all()))


def hold_all(rows: "QuerySet[M]") -> list[M]:
    """Return rows as they are now, held until the transaction ends, in the order in which everybody holds them."""
    return list(held(rows))


def held(rows: "QuerySet[M]") -> "QuerySet[M]":
    """Return rows that are held as they are read, in the order in which everybody holds them."""
    return _held(rows).order_by("pk")


def hold_free(rows: "QuerySet[Any]") -> list[Any]:
    """Return the keys of those of the rows that nobody else holds, held with all that is held before them.

    Whoever holds many at once so waits for nobody, and thus nobody for ever.
    """
    for name in card(rows.model).holds:
        relation = cast("models.ForeignKey[Any, Any]", rows.model._meta.get_field(name))
        before = relation.related_model._base_manager.filter(pk__in=rows.order_by().values(relation.attname))
        rows = rows.filter(Q(**{f"{relation.attname}__in": hold_free(before)}) | Q(**{relation.attname: None}))
    free = rows.select_for_update(of=("self",), no_key=True, skip_locked=True)
    return list(free.order_by("pk").values_list("pk", flat=True))


def _hold_before(row: models.Model, relation: "models.ForeignKey[Any, Any]") -> None:
    """Hold the row that a relation leads to, if any; one that is not loaded yet is loaded as it is held."""
    model, key = relation.related_model, getattr(row, relation.attname)
    if key is None:
        return
    if relation.is_cached(row) or card(model).holds:
        hold(getattr(row, relation.name))
    else:
        setattr(row, relation.name, _held(model._base_manager.all()).get(pk=key))


def _held(rows: "QuerySet[M]") -> "QuerySet[M]":
    # Their keys are left free: a row that refers to one can be written meanwhile.
    return rows.select_for_update(of=("self",), no_key=True)
