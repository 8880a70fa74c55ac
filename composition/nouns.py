"""The cards of inventories, components and hits, and of what is said of these."""

from django.db.models import Q

from accounts.access import Capability
from composition.models import Component, Hit, Inventory, Statement, Suppression
from riskregister import nouns
from riskregister.nouns import Noun, Page, Place

nouns.register(
    Noun(
        Inventory,
        plural="inventories",
        prefix="SB",
        verbs=("inventory",),
        unit="server.unit_id",
        subject="server",
        holds=("server",),
        moving=("status", "ended_at", "superseded_by"),
        related=("server", "release"),
        pages=(Page("inventory-detail"),),
        demo=("server__is_demo",),
        field_history=None,
    ),
    Noun(
        Component,
        unit="inventory.server.unit_id",
        moving=(),
        related=("package_version",),
        demo=("inventory__server__is_demo",),
        field_history=None,
    ),
    Noun(
        Hit,
        unit="server.unit_id",
        subject="server",
        holds=("server",),
        moving=("outcome", "versions", "fixed_in"),
        related=("server", "vulnerability"),
        demo=("server__is_demo",),
        field_history=None,
    ),
    Noun(
        Statement,
        prefix="VX",
        verbs=("statement",),
        subject="server",
        holds=("server",),
        moving=("status", "ended_at", "end_reason"),
        related=("unit", "server", "release"),
        pages=(Page("statement-detail"),),
        places={"owner": ("owner",)},
        held_by={
            "owner": Place(Capability.WRITE, still=Q(status=Statement.Status.IN_FORCE), given="statement.handed_over")
        },
        demo=("server__is_demo",),
        field_history=None,
    ),
    Noun(
        Suppression,
        verbs=("suppression",),
        unit="hit.server.unit_id",
        subject="hit.server",
        holds=("hit",),
        moving=("status", "until", "decided_at", "ended_at"),
        related=("statement", "hit__server", "hit__vulnerability"),
        places={"owner": ("hit.observation.finding.owner", "statement.owner")},
        opens=("hit.observation.finding", "statement"),
        due_on="until",
        demo=("hit__server__is_demo",),
        field_history=None,
    ),
)
