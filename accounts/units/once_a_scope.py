"""Queries that are put together once for all who see the same units, and not for each request anew.

What the list of vendors shows of each takes seven columns with queries of their own, which took longer to put together
than the rows took to be written as JSON.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar
from uuid import UUID

from django.db import models

from accounts import access

M = TypeVar("M", bound=models.Model)
Scope = frozenset[UUID] | None
# Of each query and thread; scopes beyond are put together again.
MOST = 32


class OnceAScope(threading.local, Generic[M]):
    """Returns for a person the rows that a function returns for whoever sees the same units.

    It decorates a function of a person which asks no more of them than the units that they see, and neither the clock
    nor a setting. Each thread has its own queries, since Django changes a query while it is put into SQL.
    """

    def __init__(self, rows: Callable[[Any], "models.QuerySet[M]"]) -> None:
        """Keep the function."""
        self._rows = rows
        self._known: OrderedDict[Scope, models.QuerySet[M]] = OrderedDict()

    def __call__(self, user: Any) -> "models.QuerySet[M]":
        """Return the rows, none to somebody without a role."""
        seen = access.of(user)
        scope = None if seen.sees_all_units else frozenset(seen.unit_ids)
        if scope not in self._known:
            self._known[scope] = self._rows(user)
            if len(self._known) > MOST:
                self._known.popitem(last=False)
        return self._known[scope].all() if seen.is_member else self._known[scope].none()

    def __deepcopy__(self, _memo: dict[int, Any]) -> Self:
        """Return it itself, as of the function that it decorates."""
        return self
