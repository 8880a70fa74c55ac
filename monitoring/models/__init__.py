"""The models of the room, one module a noun."""

from monitoring.models.observation import Observation
from monitoring.models.run import FRESH, Collector, Run, Sighting
from monitoring.models.task import Brought, Claim, Task

__all__ = ["FRESH", "Brought", "Claim", "Collector", "Observation", "Run", "Sighting", "Task"]
