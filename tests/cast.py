"""The people of the tests, by name: each has one role, so that a test says who acts and why they may.

alice is an analyst, bob an approver, mia a manager and carol an auditor, all of Payments; eve is an analyst of Research
(the outsider), ada administers the whole organisation.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any

from accounts import people
from accounts.models import Role, Unit, User
from accounts.units import units
from audit.context import SYSTEM
from tests.kept import kept
from vendors.models import Release, Server, Vendor
from vendors.models.deployment import FACTS
from vendors.registering import importing, registration, relations

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TODAY = date(2026, 3, 2)
# What is known of a server unless a test says otherwise. It gives tier 2: three facts are high, and none is unknown.
EXPOSURE: Mapping[str, Any] = MappingProxyType(
    dict.fromkeys(FACTS, "moderate") | {"data_reached": "high", "tool_power": "high", "credentials": "high"}
)
# Digests as registries print them, of no file.
INTEGRITY, OTHER_INTEGRITY = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
UNKNOWN: Mapping[str, Any] = MappingProxyType(dict.fromkeys(FACTS, ""))


@dataclass(frozen=True, slots=True)
class Cast:
    """Two units and six people."""

    payments: Unit
    research: Unit
    alice: User
    bob: User
    mia: User
    carol: User
    eve: User
    ada: User

    @property
    def everybody(self) -> dict[str, User]:
        """Return the people by name."""
        return {name: getattr(self, name) for name in ("alice", "bob", "mia", "carol", "eve", "ada")}


@kept
def assemble(*, now: datetime = NOON) -> Cast:
    """Return the cast, made through the same steps as real people."""
    ada = person("ada", role=Role.ADMINISTRATOR, unit=None, now=now)
    payments = units.open_unit(name="Payments", code="payments", by=ada, now=now)
    research = units.open_unit(name="Research", code="research", by=ada, now=now)
    return Cast(
        payments=payments,
        research=research,
        alice=person("alice", role=Role.ANALYST, unit=payments, now=now),
        bob=person("bob", role=Role.APPROVER, unit=payments, now=now),
        mia=person("mia", role=Role.MANAGER, unit=payments, now=now),
        carol=person("carol", role=Role.AUDITOR, unit=payments, now=now),
        eve=person("eve", role=Role.ANALYST, unit=research, now=now),
        ada=ada,
    )


@kept
def person(name: str, *, role: str, unit: Unit | None, now: datetime = NOON) -> User:
    """Return a new person with one role in a unit (None: the whole organisation)."""
    user = people.add(email=f"{name}@example.org", name=name.capitalize(), by=SYSTEM, now=now)
    people.give_role(user, role=role, unit=unit, by=SYSTEM, now=now)
    return user


@kept
def a_vendor(cast: Cast, name: str = "Example Ltd", **facts: Any) -> Vendor:
    """Return a vendor that alice registered."""
    arguments: dict[str, Any] = {"kinds": ["mcp_publisher"], "by": cast.alice, "now": NOON} | facts
    return relations.register_vendor(name=name, **arguments)


@kept
def a_server(cast: Cast, name: str = "com.example/weather", **facts: Any) -> Server:
    """Return a requested server of Payments that alice registered, without a release."""
    arguments: dict[str, Any] = {
        "unit": cast.payments,
        "title": "Weather",
        "by": cast.alice,
        "now": NOON,
        **EXPOSURE,
    } | facts
    return registration.register_server(name=name, **arguments)


def server_json(**changes: Any) -> str:
    """Return a valid server.json with one npm package, with other fields where they are given."""
    package = {
        "registryType": "npm",
        "identifier": "@example/weather",
        "version": "1.2.3",
        "transport": {"type": "stdio"},
        "environmentVariables": [{"name": "WEATHER_KEY", "isSecret": True, "isRequired": True}],
    }
    document = {
        "$schema": "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json",
        "name": "com.example/weather",
        "title": "Weather",
        "description": "Forecasts for a place",
        "version": "1.2.3",
        "repository": {"url": "https://github.com/example/weather", "source": "github"},
        "packages": [package],
    }
    return json.dumps(document | changes)


def tools(*names: str, **annotations: bool) -> str:
    """Return a captured tools/list with tools of these names, all with the same annotations."""
    rows = [{"name": name, "inputSchema": {"type": "object"}, "annotations": annotations} for name in names]
    return json.dumps({"tools": rows})


@kept
def a_release(cast: Cast, *names: str, text: str | None = None) -> Release:
    """Return the release of an imported server of Payments, with captured tools of these names."""
    _server, release = importing.import_server_json(text or server_json(), unit=cast.payments, by=cast.alice, now=NOON)
    if not names:
        return release
    return importing.import_tools(
        release, tools(*names), captured_at=NOON, command="npx @example/weather", by=cast.alice, now=NOON
    )
