"""What the organisation's zone is called behind a time."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from riskregister import zones
from tests.tables import for_each

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@for_each(
    "key, name, offset",
    [
        ("UTC", "UTC", "+00:00"),
        ("Pacific/Auckland", "NZDT", "+13:00"),
        ("Europe/Zurich", "CET", "+01:00"),
        ("Asia/Kathmandu", "UTC+05:45", "+05:45"),
        ("America/Sao_Paulo", "UTC-03:00", "-03:00"),
    ],
)
def test_a_zone_has_a_word_or_its_distance(key: str, name: str, offset: str) -> None:
    local = NOON.astimezone(ZoneInfo(key))
    assert (zones.name(local), zones.offset(local)) == (name, offset)
