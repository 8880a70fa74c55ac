"""For what a statement holds: one release of a server, the server, a unit, or the whole organisation."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accounts import access
from accounts.access import Capability
from accounts.models import Unit
from accounts.principals import Principal
from accounts.units import other_units
from composition.models import Statement
from riskregister.refusals import Refused
from vendors.models import Release, Server


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """A release of a server, a server, a unit, or with none of them the whole organisation."""

    server: Server | None = None
    release: Release | None = None
    unit: Unit | None = None

    @property
    def fields(self) -> dict[str, Any]:
        """Return the fields of a statement of this scope."""
        unit = self.server.unit if self.server else self.unit
        return {"server": self.server, "release": self.release, "unit": unit}

    @property
    def unit_id(self) -> UUID | None:
        """Return the unit that it is in, None for the whole organisation."""
        unit = self.fields["unit"]
        return unit.pk if unit else None


def of(statement: Statement) -> Scope:
    """Return the scope of a statement."""
    return Scope(server=statement.server, release=statement.release, unit=statement.unit)


def require(scope: Scope, by: Principal) -> None:
    """Raise NotPermitted for whoever may not say something for this scope, Refused where it contradicts itself."""
    if scope.release and (scope.server is None or scope.release.server_id != scope.server.pk):
        raise Refused("This release is of another server. Choose one of the server's own.", field="release")
    access.require(by, Capability.WRITE, unit_id=scope.unit_id)
    if refusal := elsewhere(scope.unit_id, by):
        raise refusal


def elsewhere(unit_id: UUID | None, by: Principal) -> access.NotPermitted | None:
    """Return the refusal for who works in some units only, of what holds for all; else None."""
    return None if unit_id else other_units.refuse_of_all(by, Capability.WRITE)
