"""Forms about a whole assessment: start, cancel, assign."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from accounts.models import User
from accounts.units import places
from assessments import lifecycle
from assessments.models import Assessment
from catalogue.models import Dimension
from vendors.models import Release, Server, Vendor
from web.forms.editing import EditForm
from web.forms.fields.days import DATE

KINDS = (
    ("initial", "Initial: the first one"),
    ("periodic", "Periodic: the scheduled review"),
    ("triggered", "Triggered: something happened"),
)


class StartForm(forms.Form):
    """What is assessed, why, by whom and until when."""

    release = forms.ModelChoiceField(
        queryset=Release.objects.none(),
        empty_label=None,
        help_text="The assessment is about exactly this release and its tools as captured.",
    )
    kind = forms.ChoiceField(
        choices=KINDS,
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
        people = places.who_can_hold(Assessment, "assignee", unit_id=server.unit_id)
        self._offer("release", releases, releases.first())
        self._offer("assignee", people, by if people.filter(pk=by.pk).exists() else None)
        known = server.assessments.exclude(status=Assessment.Status.CANCELLED).exists()
        self.fields["kind"].initial = Assessment.Kind.PERIODIC if known else Assessment.Kind.INITIAL

    def _offer(self, name: str, rows: QuerySet[Any], initial: object) -> None:
        field: Any = self.fields[name]
        field.queryset, field.initial = rows, initial


class StartVendorForm(forms.Form):
    """Why a vendor is assessed, by whom and until when."""

    kind = forms.ChoiceField(choices=KINDS, label="Why now", widget=forms.RadioSelect)
    assignee = forms.ModelChoiceField(
        queryset=User.objects.none(), label="Who fills it in", empty_label=None, help_text="You can change this later."
    )
    due_on = forms.DateField(required=False, label="Due on", widget=DATE)

    def __init__(self, *args: Any, vendor: Vendor, by: User, **kwargs: Any) -> None:
        """Offer the people who may fill it in."""
        super().__init__(*args, **kwargs)
        people = places.who_can_hold(Assessment, "assignee", unit_id=None)
        who: Any = self.fields["assignee"]
        who.queryset, who.initial = people, by if people.filter(pk=by.pk).exists() else None
        known = Assessment.objects.of_vendors().filter(vendor=vendor).exclude(status=Assessment.Status.CANCELLED)
        self.fields["kind"].initial = Assessment.Kind.PERIODIC if known.exists() else Assessment.Kind.INITIAL


class FinaliseForm(forms.Form):
    """Which dimensions are rated although much of them does not apply; bound to the answers that were reviewed."""

    accept_dimensions = forms.MultipleChoiceField(
        required=False,
        label="Rate although much does not apply",
        widget=forms.CheckboxSelectMultiple,
        help_text="More than the method allows of these dimensions is not applicable. Tick those that you accept; "
        "otherwise there is no overall score.",
    )
    answers_digest = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, not_rateable: tuple[str, ...], answers_digest: str, **kwargs: Any) -> None:
        """Offer the dimensions that need it; `answers_digest` is of the answers that the page shows."""
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        if not_rateable:
            fields["accept_dimensions"].choices = [(key, Dimension(key).label) for key in not_rateable]
        else:
            del fields["accept_dimensions"]
        fields["answers_digest"].initial = answers_digest


class AssignForm(EditForm):
    """Who fills it in from now on."""

    step = lifecycle.assign

    assignee = forms.ModelChoiceField(queryset=User.objects.none(), label="Who fills it in", empty_label=None)

    def __init__(self, *args: Any, assessment: Assessment, **kwargs: Any) -> None:
        """Offer the people who may fill it in."""
        super().__init__(*args, row=assessment, **kwargs)
        field: Any = self.fields["assignee"]
        field.queryset = places.who_can_hold(Assessment, "assignee", unit_id=assessment.unit_id)
