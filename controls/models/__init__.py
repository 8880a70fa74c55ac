"""What the room keeps: what people state of controls, and what sources say of them."""

from controls.models.sourced import Source, SourcedStatuses
from controls.models.status import ControlStatus, Place, Word

__all__ = ["ControlStatus", "Place", "Source", "SourcedStatuses", "Word"]
