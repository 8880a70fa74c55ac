"""Which licences the components of servers are under, as their inventories say."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Count

from composition.models import Component


@dataclass(slots=True)
class Licence:
    """A licence as inventories write it (empty: they say none), how many components are under it, in which servers."""

    name: str
    components: int = 0
    servers: set[UUID] = field(default_factory=set)


def of(user: Any, *, server: UUID | None = None) -> list[Licence]:
    """Return the licences of what the servers that a person may see, or one of them, are built from today.

    The one of most servers comes first. A component under several counts for each.
    """
    rows = Component.objects.visible_to(user).counting()
    if server is not None:
        rows = rows.filter(inventory__server=server)
    found: dict[str, Licence] = defaultdict(lambda: Licence(""))
    # Components repeat their licences: grouped, a million of them are some thousand rows.
    grouped = rows.order_by().values_list("licences", "inventory__server").annotate(count=Count("pk"))
    for licences, key, count in grouped:
        for name in dict.fromkeys(licences or [""]):
            one = found[name]
            one.name = name
            one.components += count
            one.servers.add(key)
    return sorted(found.values(), key=lambda one: (-len(one.servers), -one.components, one.name))
