"""The models of the room, one module a noun."""

from discovery.models.configured_server import ConfiguredServer, Standing
from discovery.models.known_as import KnownAs
from discovery.models.machine import Discovery, Machine
from discovery.models.unapproved_use import UnapprovedUse

__all__ = ["ConfiguredServer", "Discovery", "KnownAs", "Machine", "Standing", "UnapprovedUse"]
