"""Forms about a whole assessment: start, cancel, assign."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from accounts import access
from accounts.access import Capability
from accounts.models import User
from assessments import lifecycle
from assessments.models import Assessment
from vendors.models import Release, Server
from web.forms.days import DATE
from web.forms.editing import EditForm


class StartForm(forms.Form):
    """What is assessed, why, by whom and until when."""

    release = forms.ModelChoiceField(
        queryset=Release.objects.none(),
        empty_label=None,
        help_text="The assessment is about exactly this release and its tools as captured.",
    )
    kind = forms.ChoiceField(
        choices=[
            ("initial", "Initial: the first one"),
            ("periodic", "Periodic: the scheduled review"),
            ("triggered", "Triggered: something happened"),
        ],
        label="Why now",
        widget=forms.RadioSelect,
    )
    assignee = forms.ModelChoiceField(
        queryset=User.objects.none(), label="Who fills it in", empty_label=None, help_text="You can change this later."
    )
    due_on = forms.DateField(required=False, label="Due on", widget=DATE)

    def __init__(self, *args: Any, server: Server, by: User, **kwargs: Any) -> None:
        """Offer the server's releases and the people who may fill it in."""
        super().__init__(*args, **kwargs)
        releases = server.releases.all()
        people = access.people_who_can(Capability.WRITE, unit_id=server.unit_id)
        self._offer("release", releases, releases.first())
        self._offer("assignee", people, by if people.filter(pk=by.pk).exists() else None)
        known = server.assessments.exclude(status=Assessment.Status.CANCELLED).exists()
        self.fields["kind"].initial = Assessment.Kind.PERIODIC if known else Assessment.Kind.INITIAL

    def _offer(self, name: str, rows: QuerySet[Any], initial: object) -> None:
        field: Any = self.fields[name]
        field.queryset, field.initial = rows, initial


class AssignForm(EditForm):
    """Who fills it in from now on."""

    step = lifecycle.assign

    assignee = forms.ModelChoiceField(queryset=User.objects.none(), label="Who fills it in", empty_label=None)

    def __init__(self, *args: Any, assessment: Assessment, **kwargs: Any) -> None:
        """Offer the people who may fill it in."""
        super().__init__(*args, row=assessment, **kwargs)
        field: Any = self.fields["assignee"]
        field.queryset = access.people_who_can(Capability.WRITE, unit_id=assessment.unit_id)
