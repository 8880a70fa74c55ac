"""The cards of inventories, components and hits."""

from composition.models import Component, Hit, Inventory
from riskregister import nouns
from riskregister.nouns import Noun, Page

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
)
