"""What differs between the tools of two releases, word by word, for the pages on which somebody judges it."""

import json
from dataclasses import dataclass
from typing import Any

from assessments.models import Assessment
from inspection import drift
from monitoring.models import Run
from vendors.models import Release
from vendors.offered import comparison
from web.page_parts.word_changes import Comparer, Sides

HINTS = {
    "read_only": ("Read-only", "readOnlyHint"),
    "destructive": ("Destructive", "destructiveHint"),
    "idempotent": ("Idempotent", "idempotentHint"),
    "open_world": ("Open world", "openWorldHint"),
}
_FIELDS = {
    "title": "title",
    "description": "description",
    "input_schema": "input",
    "output_schema": "output",
    "other_annotations": "other annotations",
    "name": "name",
    "mime_type": "media type",
    "arguments": "arguments",
}


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A tool that differs, and the texts before and after of each field that does, word by word."""

    name: str
    kind: str
    sides: list[tuple[str, Sides]]


@dataclass(frozen=True, slots=True)
class Compared:
    """How the tools of a release differ from others, which `what` names in words; `note`: what that means."""

    what: str
    note: str
    changes: list[ChangeRow]
    instructions: Sides | None

    @property
    def differs(self) -> bool:
        """Return whether anything does."""
        return bool(self.changes or self.instructions)


def between(against: Release, release: Release) -> Compared:
    """Return how a release differs from another of its server, which may be the pinned one."""
    if release.server.pinned_release_id != against.pk:
        return _compared(against, release, what=str(against))
    note = "The approval does not cover these."
    return _compared(against, release, what=f"the pinned release {against}", note=note)


def since(assessment: Assessment) -> Compared | None:
    """Return how the tools captured last differ from those that an assessment is about; None where they do not."""
    newest = drift.newest(assessment.judged_server)
    if newest is None or newest.manifest_digest == assessment.manifest_digest:
        return None
    about = assessment.release if assessment.manifest_digest else None
    what = f"{about or 'no tools'}, which {assessment.ref} is about"
    return _compared(about, newest, what=what, note=f"{assessment.ref} does not cover these, captured as {newest}.")


def of_run(run: Run) -> Compared | None:
    """Return how the tools that a look saw differ from those known before; None where it saw, or nobody knew, any."""
    before = drift.known_before(run)
    if run.captured is None or before is None:
        return None
    return _compared(before, run.captured, what=f"{before}, which was known before")


def indented(schema: Any) -> str:
    """Return a schema as JSON for people, empty where there is none."""
    return json.dumps(schema, indent=2, ensure_ascii=False) if schema else ""


def _compared(old: Release | None, new: Release, *, what: str, note: str = "") -> Compared:
    if old is not None and old.manifest_digest == new.manifest_digest:
        return Compared(what, note, [], None)
    comparer, before = Comparer(), old.instructions if old else ""
    sides = None if before == new.instructions else comparer.sides(before, new.instructions)
    return Compared(what, note, [_change(change, comparer) for change in _differing(old, new)], sides)


def _differing(old: Release | None, new: Release) -> list[comparison.Change]:
    tools, offerings = (old.tools.all(), old.offerings.all()) if old else ((), ())
    offered = comparison.compare_offerings(offerings, new.offerings.all())
    return [*comparison.compare(tools, new.tools.all()), *offered]


def _change(change: comparison.Change, comparer: Comparer) -> ChangeRow:
    sides = [
        (_FIELDS.get(name) or HINTS[name][0], comparer.sides(_text(before), _text(after)))
        for name, before, after in change.fields
    ]
    return ChangeRow(change.name, change.kind, sides)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, bool):
        return {None: "not declared", True: "yes", False: "no"}[value]
    return indented(value)
