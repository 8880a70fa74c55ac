"""What contracts must give follows from what servers are used for: a look at them follows where that changes."""

from datetime import datetime

from django.db.models import Model

from contracts.coverage import looking
from landscape.models import BusinessProcess, UseCase


def recorded(obj: Model, _concerns: Model | None, _at: datetime) -> None:
    """Note, in a step that changes a use case or a business process, that the vendors of its unit are looked at."""
    if isinstance(obj, UseCase | BusinessProcess):
        looking.mark_due_for(obj.unit_id)
