"""How YAML is written: by the library, so that no text that it holds can be taken for anything else."""

from collections.abc import Sequence
from typing import Any

import yaml


def written(head: str, *documents: Any) -> str:
    """Return the documents behind the lines of comment."""
    return head + yaml.safe_dump_all(documents, sort_keys=False, explicit_start=True, width=120, allow_unicode=False)


def without_empty(members: dict[str, Any]) -> dict[str, Any]:
    """Return the members that say something."""
    return {name: value for name, value in members.items() if not isinstance(value, Sequence | dict) or value}
