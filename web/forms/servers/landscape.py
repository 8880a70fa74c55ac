"""Forms about use cases, business processes and shared services."""

from typing import Any, ClassVar

from django import forms
from django.db.models import Q

from accounts.models import Unit, User
from accounts.steps import Step
from landscape import processes, shared_services, use_cases
from landscape.models import BusinessProcess, SharedService, UseCase
from vendors.models import Deployment, Vendor
from vendors.models.vendor import Kind
from web.forms.editing import EditForm
from web.forms.fields import owners
from web.forms.fields.days import DATE
from web.forms.fields.known import KnownOrNot

_LONG = {"rows": 3}


class Owned:
    """What forms about a row of a unit, which somebody owns, begin with; the unit is asked for once, at the start."""

    fields: dict[str, Any]
    step: ClassVar[Step[..., Any]]

    def __init__(self, *args: Any, by: User, row: Any = None, **kwargs: Any) -> None:
        """Offer the units in which the person may write, and the people with a role there."""
        super().__init__(*args, row=row, **kwargs)  # type: ignore[call-arg]  # an EditForm follows
        self.fields["unit"].queryset = self.step.units(by)
        if row is not None:
            del self.fields["unit"]
        owners.offer(self.fields["owner"], unit_id=row.unit_id if row else None, owner=row.owner if row else None)


class ProcessForm(Owned, EditForm):
    """A business process, and how soon it must go on after it stopped."""

    step = processes.rewrite

    unit = forms.ModelChoiceField(queryset=Unit.objects.none(), empty_label=None)
    name = forms.CharField(max_length=160, help_text="What the unit does, e.g. Refunds.")
    recovery_hours = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=processes.LONGEST_HOURS,
        label="Must go on within, in hours",
        help_text="The recovery time objective. Hours, not days: two days are 48. Empty: not known.",
    )
    is_critical = KnownOrNot(
        label="Critical or important function",
        help_text="Its failure would harm the organisation, its customers or its duties by law (DORA, article 3(22)).",
    )
    when_it_stops = forms.CharField(
        required=False, label="What happens while it stands still", widget=forms.Textarea(attrs=_LONG)
    )
    owner = forms.ModelChoiceField(queryset=User.objects.none(), required=False, empty_label="Nobody yet")


class UseCaseForm(Owned, EditForm):
    """A use case or agent, and the model that it runs on."""

    step = use_cases.rewrite

    unit = forms.ModelChoiceField(queryset=Unit.objects.none(), empty_label=None)
    name = forms.CharField(max_length=160, help_text="An agent, or what agents do, e.g. Support desk.")
    purpose = forms.CharField(required=False, label="What it is for", widget=forms.Textarea(attrs=_LONG))
    data_used = forms.CharField(required=False, label="What data it works on", widget=forms.Textarea(attrs=_LONG))
    model_vendor = forms.ModelChoiceField(
        queryset=Vendor.objects.none(),
        required=False,
        label="Who provides the model",
        empty_label="Not known yet",
        help_text="A vendor that supplies models.",
    )
    model_name = forms.CharField(required=False, max_length=120, label="Model")
    model_version = forms.CharField(
        required=False,
        max_length=120,
        label="Pinned version",
        help_text="The one version that answers until you choose another.",
    )
    follows_alias = KnownOrNot(
        label="Follows a moving alias",
        help_text="The name, such as “latest”, stands for another model one day, without anybody here deciding it.",
    )
    owner = forms.ModelChoiceField(queryset=User.objects.none(), required=False, empty_label="Nobody yet")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the vendors that provide models."""
        super().__init__(*args, **kwargs)
        field: Any = self.fields["model_vendor"]
        field.queryset = Vendor.objects.filter(kinds__kind=Kind.MODEL_PROVIDER).only("name").order_by("name")


class ServedProcessForm(forms.Form):
    """The process that needs a use case."""

    process = forms.ModelChoiceField(queryset=BusinessProcess.objects.none(), empty_label="Choose a process")

    def __init__(self, *args: Any, use_case: UseCase, **kwargs: Any) -> None:
        """Offer the processes of its unit that it does not serve yet."""
        super().__init__(*args, **kwargs)
        field: Any = self.fields["process"]
        rows = BusinessProcess.objects.standing().filter(unit=use_case.unit_id)
        field.queryset = rows.exclude(needs__use_case=use_case).order_by("name")


class ServedUseCaseForm(forms.Form):
    """The use case that works with a deployment."""

    use_case = forms.ModelChoiceField(queryset=UseCase.objects.none(), empty_label="Choose a use case")

    def __init__(self, *args: Any, deployment: Deployment, **kwargs: Any) -> None:
        """Offer the use cases of its unit that do not work with it yet."""
        super().__init__(*args, **kwargs)
        field: Any = self.fields["use_case"]
        rows = UseCase.objects.standing().filter(unit=deployment.server.unit_id)
        field.queryset = rows.exclude(served_by__deployment=deployment).order_by("name")


class ServiceForm(Owned, EditForm):
    """A shared service, and what is known of how it can fail."""

    step = shared_services.rewrite

    unit = forms.ModelChoiceField(
        queryset=Unit.objects.none(), required=False, empty_label="All units", help_text="Whose servers run behind it."
    )
    name = forms.CharField(max_length=160, help_text="e.g. Tool gateway.")
    kind = forms.ChoiceField(choices=SharedService.Kind.choices)
    vendor = forms.ModelChoiceField(
        queryset=Vendor.objects.none(), required=False, label="Vendor that runs it", empty_label="None, or not known"
    )
    availability_promised = forms.CharField(
        required=False, max_length=8, label="Availability promised", help_text="In per cent, e.g. 99.9."
    )
    availability_measured = forms.CharField(
        required=False, max_length=8, label="Availability measured", help_text="In per cent, over the last year."
    )
    is_single_point = KnownOrNot(
        label="Single point of failure", help_text="All that runs behind it stands still when it does."
    )
    stand_in = forms.CharField(
        required=False, max_length=200, label="What takes its place", help_text="Empty: nothing, or not known."
    )
    can_be_bypassed = KnownOrNot(label="Can be bypassed", help_text="Calls can reach a server without it.")
    bypassed_by = forms.CharField(required=False, max_length=300, label="Who can bypass it, and how")
    owner = forms.ModelChoiceField(queryset=User.objects.none(), required=False, empty_label="Nobody yet")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the vendors."""
        super().__init__(*args, **kwargs)
        field: Any = self.fields["vendor"]
        field.queryset = Vendor.objects.only("name").order_by("name")


class ServiceAssessmentForm(forms.Form):
    """What an assessment of a shared service came to."""

    assessed_on = forms.DateField(label="Assessed on", widget=DATE)
    result = forms.ChoiceField(choices=SharedService.Result.choices)
    assess_again_on = forms.DateField(
        required=False, label="Counts until", widget=DATE, help_text="Empty: a year after it."
    )
    note = forms.CharField(label="What was looked at, and what was seen", widget=forms.Textarea(attrs={"rows": 4}))


class RunsBehindForm(forms.Form):
    """The shared service that a deployment runs behind."""

    service = forms.ModelChoiceField(queryset=SharedService.objects.none(), empty_label="Choose a shared service")

    def __init__(self, *args: Any, deployment: Deployment, **kwargs: Any) -> None:
        """Offer the services of its unit and of all that it does not run behind yet."""
        super().__init__(*args, **kwargs)
        field: Any = self.fields["service"]
        here = Q(unit=deployment.server.unit_id) | Q(unit__isnull=True)
        rows = SharedService.objects.standing().filter(here)
        field.queryset = rows.exclude(in_front_of__deployment=deployment).order_by("name")
