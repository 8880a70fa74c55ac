"""What is looked at in due diligence: published lists of items, read from files that never change."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

LATEST = 1
FOLDER = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Item:
    """Something that is looked at: `least` is how much must depend on a vendor for it to be asked, 1 is the most."""

    key: str
    topic: str
    title: str
    look_at: str
    good: str
    source: str
    least: int
    kinds: frozenset[str]

    def is_asked(self, *, weight: int, kinds: Collection[str]) -> bool:
        """Return whether it is asked of a vendor of these kinds; of one without any, whatever fits its weight."""
        return weight <= self.least and (not self.kinds or not kinds or not self.kinds.isdisjoint(kinds))


@dataclass(frozen=True, slots=True)
class Template:
    """A published list, and after how many months the next round is due."""

    version: int
    months: Mapping[int, int]
    items: tuple[Item, ...]

    def asked(self, *, weight: int, kinds: Collection[str]) -> list[Item]:
        """Return what is asked of a vendor of these kinds on which so much depends."""
        return [item for item in self.items if item.is_asked(weight=weight, kinds=kinds)]


def data(version: int = LATEST) -> dict[str, Any]:
    """Return a published list as plain data. Raises FileNotFoundError when there is none of this version."""
    read: dict[str, Any] = yaml.safe_load((FOLDER / f"due-diligence-{version}.yaml").read_text(encoding="utf-8"))
    return read


@cache
def load(version: int = LATEST) -> Template:
    """Return the published list of this version."""
    rows = data(version)
    items = tuple(_item(topic["title"], row) for topic in rows["topics"] for row in topic["items"])
    return Template(rows["version"], MappingProxyType(dict(rows["months"])), items)


def _item(topic: str, row: Mapping[str, Any]) -> Item:
    return Item(
        key=row["key"],
        topic=topic,
        title=row["title"],
        look_at=row["look_at"],
        good=row["good"],
        source=row["source"],
        least=row["from"],
        kinds=frozenset(row.get("kinds", ())),
    )
