"""How releases and deployments are listed."""

from typing import Any

from django.db.models import QuerySet

from accounts.filters import UnitKey
from riskregister import looks
from riskregister.filters import Choice, Exact, FilterSet, Flag, Key, One
from riskregister.lists import Column, Kind, List
from vendors.models import Deployment, Release

TIERS = [(str(tier), look.word) for tier, look in looks.kinds()["tier"].items() if tier]


class ReleaseFilters(FilterSet):
    """Which releases."""

    server = Key(field_name="server_id", label="Server")
    version = Exact(label="Version")
    manifest_digest = Exact(label="Manifest digest")


def _releases(user: Any) -> "QuerySet[Release]":
    return Release.objects.visible_to(user).select_related("server")


RELEASES = List(word="releases", rows=_releases, filters=ReleaseFilters, sorts={"id": "id"}, default="-id")


class DeploymentFilters(FilterSet):
    """Which deployments."""

    server = Key(field_name="server_id", label="Server")
    unit = UnitKey(field_name="server__unit_id")
    environment = Choice(label="Environment", choices=Deployment.Environment.choices)
    inherent_tier = One(field_name="inherent_tier", label="Tier", empty="Any tier", choices=TIERS, stored=int)
    has_ended = Flag(field_name="ended_on", lookup_expr="isnull", exclude=True, label="Use", yes="Ended", no="Current")


def _deployments(user: Any) -> "QuerySet[Deployment]":
    return Deployment.objects.visible_to(user).select_related("server", "owner")


DEPLOYMENTS = List(
    word="deployments",
    rows=_deployments,
    filters=DeploymentFilters,
    columns=(
        Column("Number", "ref", Kind.REF, sort="-number"),
        Column("Name", "name", Kind.HEADING),
        Column("Environment", "get_environment_display", Kind.WORDS),
        Column("Agent", "agent", Kind.WORDS),
        Column("Tier", "inherent_tier", Kind.BADGE, looks="tier"),
        Column("From", "in_use_since", Kind.DAY),
        Column("To", "ended_on", Kind.DAY),
    ),
    sorts={"number": "number"},
    default="-number",
)
