"""Comparing whether people may sign in, and under which address, with the events that said so last.

Their roles and tokens are told by events whole; of a person the password changes too, and no event holds that.
"""

from collections.abc import Iterator
from uuid import UUID

from accounts.models import User
from audit.models import Event
from seal import event_data
from seal.problems import Problem

_BARRED = {"person.activated": True, "person.deactivated": False}
_ADDRESSED = ("person.invited", "person.edited")


def problems() -> Iterator[Problem]:
    """Yield each person who may sign in, or may not, or has an address, against what their last event says."""
    is_active: dict[UUID, bool] = {}
    for key, verb in Event.objects.filter(verb__in=_BARRED).order_by("pk").values_list("object_id", "verb"):
        is_active[key] = _BARRED[verb]
    email: dict[UUID, str] = {}
    for event in Event.objects.filter(verb__in=_ADDRESSED).order_by("pk").only("object_id", "body").iterator():
        email[event.object_id] = event_data.member(event, "email") or email.get(event.object_id, "")
    for person in User.objects.order_by("pk").only("is_active", "email").iterator():
        if person.is_active != is_active.get(person.pk, True):
            can = "can sign in, and was barred" if person.is_active else "is barred, and could sign in"
            yield Problem("person", str(person.pk), f"This person {can} last.")
        if (address := email.get(person.pk) or person.email) != person.email:
            yield Problem("person", str(person.pk), f"The address is {person.email}, and was {address} last.")
