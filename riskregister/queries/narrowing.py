"""Conditions by what a row refers to, in the form that an index serves.

"About one of the servers that …" joined with another condition by "or" makes a database read every row and ask of each
whether it is among them. Where they are few they are looked up first: then each has its place in an index.
"""

from typing import Any, cast

from django.db.models import Q, QuerySet, Subquery
from django.db.models.lookups import IsNull

# So many keys in a statement cost less than 2 ms to plan. Where more fit, a walk in the order of the list meets them.
FEW = 200
# So many keys a database gathers within milliseconds, to ask of each row whether its own is among them. Of more, one
# row in two hundred of a million fits, and a walk meets a page of them soon.
SOME = 5_000


def keys(rows: "QuerySet[Any]") -> "list[Any] | QuerySet[Any]":
    """Return the keys of the rows where they are few, else the rows that have them."""
    found = list(rows.order_by().values_list("pk", flat=True)[: FEW + 1])
    return found if len(found) <= FEW else rows.order_by().values("pk")


def asked_of_each(rows: "QuerySet[Any]") -> Q:
    """Return the condition that there are such rows, which is asked of each outer row in its turn.

    Told by EXISTS, a database may gather all such rows first, to look into what it has gathered.
    """
    return Q(IsNull(Subquery(rows.order_by().values("pk")[:1]), False))


def behind(path: str, near: "QuerySet[Any]", condition: Q) -> Q:
    """Return the condition that the row at the end of a relation meets a condition.

    `near` are all rows that the relation leads to. Few of them are named by their keys. Some that an index has, since
    few are named of what they refer to in their turn, are gathered once. Of many the relation is followed, row by row,
    until a page is full.
    """
    found = near.filter(condition).order_by().values("pk")
    few = list(found.values_list("pk", flat=True)[: FEW + 1])
    if len(few) <= FEW:
        return Q(**{f"{path}__in": few})
    is_some = _names(condition) and found[: SOME + 1].count() <= SOME
    return Q(**{f"{path}__in": found}) if is_some else _from_afar(path, condition)


def _names(condition: Q) -> bool:
    """Return whether the condition names the keys that it wants."""
    return all(isinstance(one, tuple) and isinstance(one[1], list) for one in condition.children)


def _from_afar(path: str, condition: Q) -> Q:
    """Return the same condition as it is asked of the rows whose relation leads there."""
    asked = [
        _from_afar(path, one) if isinstance(one, Q) else (f"{path}__{one[0]}", one[1])
        for one in cast("list[Q | tuple[str, Any]]", condition.children)
    ]
    return Q(*asked, _connector=condition.connector, _negated=condition.negated)
