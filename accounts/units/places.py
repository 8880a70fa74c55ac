"""Who can have a row in hand: whoever is allowed there what the card of its kind asks of the place."""

from typing import cast
from uuid import UUID

from django.db import models

from accounts import access
from accounts.access import Capability
from accounts.models import User
from riskregister import nouns


def can_hold(person: User, model: type[models.Model], place: str, *, unit_id: UUID | None) -> bool:
    """Return whether somebody can be in the place of such a row of the unit (None: of none), e.g. own a finding."""
    return access.of(person).can(_needs(model, place), unit_id)


def who_can_hold(model: type[models.Model], place: str, *, unit_id: UUID | None) -> models.QuerySet[User]:
    """Return the active people who can be in the place of such a row of the unit (None: of none), by name."""
    return access.people_who_can(_needs(model, place), unit_id=unit_id)


def _needs(model: type[models.Model], place: str) -> Capability:
    return cast(Capability, nouns.card(model).held_by[place].needs)
