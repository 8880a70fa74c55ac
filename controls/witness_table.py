"""Which controls certificates, due diligence, contracts, tests of clients and trials of TLS bear on: published data.

A published table is a file `witnesses-N.yaml` that never changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import UUID

import yaml

LATEST = 1


@dataclass(frozen=True, slots=True)
class Table:
    """What each source goes by for a control, by the control's reference: kinds, items, clauses, or what was seen."""

    framework: str
    certificate: Mapping[str, tuple[str, ...]]
    due_diligence: Mapping[str, tuple[str, ...]]
    contract: Mapping[str, tuple[str, ...]]
    enforcement_test: Mapping[str, tuple[str, ...]]
    collector: Mapping[str, Mapping[str, str]]

    @property
    def refs(self) -> frozenset[str]:
        """Return the references of all controls that anything bears on."""
        sources = (self.certificate, self.due_diligence, self.contract, self.enforcement_test, self.collector)
        return frozenset(ref for by_ref in sources for ref in by_ref)


@dataclass(frozen=True, slots=True)
class SourceStatement:
    """What a source says of the controls of a server, or of one of its deployments: statuses by reference of a control.

    `origin` is what it is read from, `until` the last day on which it counts (None: it has none).
    """

    server: UUID
    deployment: UUID | None
    source: str
    origin: str
    statuses: dict[str, str]
    until: date | None


@cache
def load(version: int = LATEST) -> Table:
    """Return a published version. Raises FileNotFoundError for a version that there is none of."""
    path = Path(__file__).parent / f"witnesses-{version}.yaml"
    document: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    lists = {
        source: MappingProxyType({ref: tuple(some) for ref, some in document[source].items()})
        for source in ("certificate", "due_diligence", "contract", "enforcement_test")
    }
    return Table(framework=document["framework"], collector=MappingProxyType(document["collector"]), **lists)


def named(refs: list[str]) -> str:
    """Return the first of what something is read from, with how many more there are."""
    more = f" and {len(refs) - 2} more" if len(refs) > 2 else ""
    return f"{', '.join(refs[:2])}{more}"
