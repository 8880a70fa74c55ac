"""What people set for themselves: when mail lets them be, and who is told in their stead."""

from datetime import date

from django.db import models
from django.db.models import F, Q

from accounts.models import User


class QuietHours(models.Model):
    """From when to when, in the organisation's zone, no mail comes to a person but of what is critical."""

    person = models.OneToOneField(User, on_delete=models.PROTECT, primary_key=True, related_name="quiet_hours")
    begins = models.TimeField()
    ends = models.TimeField()
    weekends = models.BooleanField(default=False, help_text="all of Saturday and Sunday too")

    class Meta:
        constraints = (models.CheckConstraint(name="quiet_hours_end", condition=~Q(begins=F("ends"))),)

    def __str__(self) -> str:
        """Return e.g. "20:00 to 07:00, and weekends"."""
        return f"{self.begins:%H:%M} to {self.ends:%H:%M}" + (", and weekends" if self.weekends else "")


class DeputyQuerySet(models.QuerySet["Deputy"]):
    """Who stands in for whom."""

    def in_force(self, *, on: date) -> "DeputyQuerySet":
        """Return those of the day, whose deputy can still be told."""
        return self.filter(first_on__lte=on, last_on__gte=on, deputy__is_active=True)


class Deputy(models.Model):
    """Who is told what a person is told, beside them, between two days."""

    person = models.OneToOneField(User, on_delete=models.PROTECT, primary_key=True, related_name="stand_in")
    deputy = models.ForeignKey(User, on_delete=models.PROTECT, related_name="stands_in_for")
    first_on = models.DateField()
    last_on = models.DateField()

    objects = DeputyQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(name="nobody_is_their_own_deputy", condition=~Q(person=F("deputy"))),
            models.CheckConstraint(name="a_deputy_begins_before_it_ends", condition=Q(first_on__lte=F("last_on"))),
        )

    def __str__(self) -> str:
        """Return who it is, and until when."""
        return f"{self.deputy} until {self.last_on:%d %b %Y}"
