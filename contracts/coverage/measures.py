"""What clauses are measured in, and how one unit becomes another. Pure."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

# What a unit is called, of one and of several.
WORDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "hours": ("hour", "hours"),
        "days": ("day", "days"),
        "months": ("month", "months"),
        "percent": ("per cent", "per cent"),
        "per_year": ("time a year", "times a year"),
        "countries": ("country", "countries"),
        "money": ("", ""),
    }
)
# A month counts as 30 days: contracts that say months mean no more than that of a notice.
_IN_HOURS = MappingProxyType({"hours": 1, "days": 24, "months": 720})


class NotComparable(Exception):
    """One of the units cannot become the other."""


def converted(value: Decimal, unit: str, *, to: str) -> Decimal:
    """Return a value in another unit. Raises NotComparable where that means nothing."""
    if unit == to:
        return value
    if unit not in _IN_HOURS or to not in _IN_HOURS:
        raise NotComparable(f"{unit} cannot become {to}.")
    return value * _IN_HOURS[unit] / _IN_HOURS[to]


def plain(value: Decimal) -> str:
    """Return a number as people write it: without zeros behind the point."""
    return f"{value:,f}".rstrip("0").rstrip(".") if value % 1 else f"{int(value):,}"


def worded(value: Decimal, unit: str, currency: str = "") -> str:
    """Return a value with its unit, e.g. "24 hours" or "1 time a year"."""
    if unit == "money":
        return f"{plain(value)} {currency}".strip()
    one, several = WORDS[unit]
    return f"{plain(value)} {one if value == 1 else several}"
