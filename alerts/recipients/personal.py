"""Steps of people for themselves: quiet hours, and a deputy while they are away."""

from collections.abc import Iterable
from datetime import date, datetime, time
from uuid import UUID

from django.utils import timezone

from accounts import access, principals
from accounts.models import User
from accounts.principals import Principal
from accounts.steps import Done, Unchanged, step
from alerts.models import Deputy, QuietHours
from riskregister.refusals import Refused


class NotTheirTimes(access.NotPermitted):
    """People set their own hours and name their own deputy."""


class TimesInvalid(Refused):
    """The hours or the deputy cannot be like this; the message says what to change."""


_THEIRS = principals.only_theirs(NotTheirTimes, "People set their own hours and name their own deputy.")


@step("person.quiet_hours_set", needs=(), barred=(_THEIRS,))
def set_quiet_hours(
    person: User, *, begins: time | None, ends: time | None, weekends: bool, by: Principal, now: datetime
) -> Done[User]:
    """Return the person, to whom no mail comes at these hours but of what is critical; without hours there are none.

    Raises TimesInvalid for one end alone, and for two that are the same.
    """
    if (begins is None) != (ends is None) or (begins is not None and begins == ends):
        raise TimesInvalid("Give both ends, or neither.", field="ends")
    if begins is None or ends is None:
        if weekends:
            raise TimesInvalid("Give hours too: weekends come on top of them.", field="begins")
        return _without(person, QuietHours)
    wanted = {"begins": begins, "ends": ends, "weekends": weekends}
    if QuietHours.objects.filter(person=person, **wanted).exists():
        return Unchanged(person)
    QuietHours.objects.update_or_create(person=person, defaults=wanted)
    return Done(person, hours=str(QuietHours(person=person, **wanted)))


@step("person.deputy_named", needs=(), barred=(_THEIRS,))
def name_deputy(
    person: User, *, deputy: User | None, first_on: date | None, last_on: date | None, by: Principal, now: datetime
) -> Done[User]:
    """Return the person, beside whom a deputy is told between two days; without one nobody is.

    Raises TimesInvalid for themselves, somebody without a role, and days that do not fit.
    """
    if deputy is None:
        return _without(person, Deputy)
    if first_on is None or last_on is None or first_on > last_on or last_on < timezone.localdate(now):
        raise TimesInvalid("Give the first and the last day, which is today or later.", field="last_on")
    if deputy == person or not access.of(deputy).is_member:
        raise TimesInvalid("Name a colleague who has a role.", field="deputy")
    wanted = {"deputy": deputy, "first_on": first_on, "last_on": last_on}
    if Deputy.objects.filter(person=person, **wanted).exists():
        return Unchanged(person)
    named, _ = Deputy.objects.update_or_create(person=person, defaults=wanted)
    return Done(person, deputy=str(named))


def deputies(people: Iterable[User], *, on: date) -> dict[UUID, Deputy]:
    """Return who stands in for these people on a day, by the person's id."""
    keys = [person.pk for person in people]
    found = Deputy.objects.in_force(on=on).filter(person__in=keys) if keys else Deputy.objects.none()
    return {one.person_id: one for one in found.select_related("deputy", "person")}


def _without(person: User, model: type[QuietHours] | type[Deputy]) -> Done[User]:
    gone, _ = model._base_manager.filter(person=person).delete()
    if not gone:
        return Unchanged(person)
    return Done(person, **{"hours" if model is QuietHours else "deputy": ""})
