"""Who can be named as an owner, and what becomes of one who has no role any more."""

from typing import cast
from uuid import UUID

from django import forms

from accounts import access
from accounts.models import Role, User


def offer(field: forms.Field, *, unit_id: UUID | None, owner: User | None) -> None:
    """Offer the people with a role in the unit (None: in any).

    An owner who is not among them is named in place of the empty choice: saving the form leaves nobody.
    """
    choice = cast("forms.ModelChoiceField[User]", field)
    if owner is not None and not access.of(owner).roles_in(unit_id):
        choice.empty_label = f"Nobody: {owner} has no role here any more"
    choice.queryset = access.people_with(list(Role), unit_id=unit_id)
