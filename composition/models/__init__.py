"""The models of the room, one module a noun."""

from composition.models.advisory import Advisory, AffectedPackage, Identifier, Vulnerability
from composition.models.inventory import Component, Inventory, PackageVersion
from composition.models.match import Comparison, Hit, Match
from composition.models.signals import EpssScore, ExploitedEntry
from composition.models.statement import Statement, Suppression

__all__ = [
    "Advisory",
    "AffectedPackage",
    "Comparison",
    "Component",
    "EpssScore",
    "ExploitedEntry",
    "Hit",
    "Identifier",
    "Inventory",
    "Match",
    "PackageVersion",
    "Statement",
    "Suppression",
    "Vulnerability",
]
