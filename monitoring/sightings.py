"""What a look saw as one text, whose SHA-256 is in the sealed event of its end: who changes an observation breaks it.

The text has each observation as it was kept, and what the look saw no more. A look that sees the same again has the
same text, which is kept once.
"""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from monitoring.models import Observation, Run, Sighting
from riskregister.canonical import canonical, digest

# What the text says of each observation, beside its key. When it was seen last the event says.
FIELDS = ("words", "value", "severity", "fact", "holds", "is_assessed", "first_seen_at", "value_since")
# The key of an observation, and the address at which it was seen: a look can miss what others saw elsewhere.
Gone = tuple[str, str]


def keep(run: Run, kept: Iterable[Observation], gone: Iterable[Gone]) -> str:
    """Return the SHA-256 of what a run saw, of which the text is kept from now on.

    Part of putting it on record, which holds the server: nobody else keeps the same text at the same moment.
    """
    text = canonical(
        {
            "server": str(run.server_id), "collector": run.collector, "address": run.address,
            "as_of": moment(run.as_of), "gone": sorted(gone),
            "seen": [{"key": row.key, **_values(row)} for row in sorted(kept, key=lambda row: row.key)],
        }
    )  # fmt: skip
    saw = digest(text)
    if not Sighting.objects.filter(pk=saw).exists():
        Sighting(digest=saw, server_id=run.server_id, text=text).save(force_insert=True)
    return saw


def read(text: str) -> dict[str, Any]:
    """Return what a text says."""
    sighting: dict[str, Any] = json.loads(text)
    return sighting


def moment(at: datetime | None) -> str | None:
    """Return a moment as texts and events have it."""
    return at.astimezone(UTC).isoformat() if at else None


def _values(row: Observation) -> dict[str, Any]:
    found = {name: getattr(row, name) for name in FIELDS}
    return {name: moment(value) if isinstance(value, datetime) else value for name, value in found.items()}
