"""Forms about servers: registration, facts, exposure, suppliers, conditions and overrides."""

from typing import Any

from django import forms
from django.db.models import Q

from accounts.models import Unit, User
from scoring.scales import Residual
from vendors import tiers
from vendors.models import Server, ServerSupplier, Vendor
from vendors.models.deployment import FACTS
from vendors.registering import registration
from vendors.tiers import ExposureFact
from web.forms.editing import EditForm
from web.forms.fields import owners
from web.forms.fields.addresses import ADDRESS
from web.forms.fields.days import DATE
from web.forms.fields.deciding import AnswerForm
from web.forms.fields.known import KnownOrNot
from web.forms.fields.tags import Tags


class EditServerForm(EditForm):
    """What a server is called, what it is for, whose it is and where its source is."""

    title = forms.CharField(max_length=160, help_text="What people call it.")
    name = forms.CharField(
        max_length=200,
        label="Registry name",
        help_text="As in the registry, e.g. io.github.acme/crm. Use your own domain for one that is not there.",
    )
    owner = forms.ModelChoiceField(
        queryset=User.objects.none(),
        required=False,
        empty_label="Nobody yet",
        help_text="Who answers for its use in the unit.",
    )
    purpose = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}))
    tags = Tags()
    repository_url = forms.CharField(required=False, max_length=300, label="Repository", widget=ADDRESS)
    website_url = forms.CharField(required=False, max_length=300, label="Website", widget=ADDRESS)
    licence = forms.CharField(required=False, max_length=60, help_text="SPDX identifier, e.g. MIT")
    repository_source = forms.CharField(required=False, max_length=40, help_text="e.g. github")
    repository_id = forms.CharField(
        required=False, max_length=80, label="Repository id", help_text="The forge's own id, which survives a rename."
    )
    repository_subfolder = forms.CharField(required=False, max_length=200)
    is_open_source = KnownOrNot(
        label="Open source",
        help_text="Its source is public under an open licence. Left open, it follows from licence and repository.",
    )
    is_vendor_hosted = KnownOrNot(
        label="Run by the vendor",
        help_text="The vendor runs it, or a part of it that sees our data. Left open, it follows from its release.",
    )
    is_under_contract = KnownOrNot(
        label="Under contract",
        help_text="A contract or paid plan with the vendor covers it. It decides which questions are asked.",
    )
    step = registration.edit_server

    @classmethod
    def begin(cls, row: Server) -> dict[str, Any]:
        """Return the server's facts, with its tags."""
        return super().begin(row) | {"tags": sorted(tag.word for tag in row.tags.all())}

    def __init__(self, *args: Any, server: Server | None = None, **kwargs: Any) -> None:
        """Start from the server's facts and offer the people of its unit."""
        super().__init__(*args, row=server, **kwargs)
        owners.offer(
            self.fields["owner"], unit_id=server.unit_id if server else None, owner=server.owner if server else None
        )


class RegisterServerForm(EditServerForm):
    """A server that has no server.json."""

    unit = forms.ModelChoiceField(queryset=Unit.objects.none(), empty_label=None)
    publisher = forms.ModelChoiceField(
        queryset=Vendor.objects.none(),
        required=False,
        empty_label="Not known yet",
        help_text="The vendor that publishes it.",
    )
    field_order = ("title", "name", "unit", "publisher", "owner", "purpose")

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        """Offer the person's units and all vendors."""
        super().__init__(*args, **kwargs)
        for name in ("repository_source", "repository_id", "repository_subfolder"):
            del self.fields[name]
        self.fields["unit"].queryset = registration.register_server.units(by)  # type: ignore[attr-defined]
        self.fields["publisher"].queryset = Vendor.objects.only("name")  # type: ignore[attr-defined]


class ChosenServerForm(forms.Form):
    """Which server of a unit something is about."""

    server = forms.ModelChoiceField(queryset=Server.objects.none(), empty_label="Choose the server")

    def __init__(self, *args: Any, unit: Unit, known: Server | None, **kwargs: Any) -> None:
        """Offer the servers of the unit that are not retired, and the one that it is by what the register knows."""
        super().__init__(*args, **kwargs)
        is_one = ~Q(status=Server.Status.RETIRED) | Q(pk=known.pk if known else None)
        self.fields["server"].queryset = Server.objects.filter(is_one, unit=unit)  # type: ignore[attr-defined]
        self.initial.setdefault("server", known)


class ExposureForm(EditForm):
    """The eight facts behind an inherent tier, each as what can be observed."""

    step = registration.set_exposure

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Make a field for each fact of the tier table."""
        super().__init__(*args, **kwargs)
        self.fields |= exposure_fields()

    @classmethod
    def begin(cls, row: Server) -> dict[str, Any]:
        """Return the facts of the server itself."""
        return {name: getattr(row, name) for name in FACTS}


def exposure_fields() -> dict[str, forms.Field]:
    """Return a field with radios for each exposure fact: its levels in words, the least exposed first."""
    fields = {fact.key: _fact_field(fact) for fact in tiers.load().facts}
    for field in fields.values():
        # "Not known yet" is an answer of its own, so that none of them is left out.
        field.goes_unmarked = True  # type: ignore[attr-defined]
    return fields


def _fact_field(fact: ExposureFact) -> forms.Field:
    return forms.ChoiceField(
        label=fact.title, choices=levels(fact), required=False, widget=forms.RadioSelect, initial=""
    )


def levels(fact: ExposureFact) -> list[tuple[str, str]]:
    """Return the levels of a fact as choices, the unknown one last."""
    known = sorted(fact.levels.items(), key=lambda level: -level[0].rank)
    choices = [(level.value, f"{level.label}: {text}") for level, text in known]
    return [*choices, ("", "Not known yet: counts as severe")]


class SupplierForm(forms.Form):
    """A vendor in a role behind a server."""

    vendor = forms.ModelChoiceField(queryset=Vendor.objects.none(), empty_label="Choose a vendor")
    role = forms.ChoiceField(choices=ServerSupplier.SupplierRole.choices, widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer all vendors."""
        super().__init__(*args, **kwargs)
        self.fields["vendor"].queryset = Vendor.objects.only("name")  # type: ignore[attr-defined]


class ConditionForm(forms.Form):
    """What shows that a condition of an approval is met."""

    note = forms.CharField(label="What shows it", widget=forms.Textarea(attrs={"rows": 3}))


class OverrideForm(forms.Form):
    """Another residual risk than the computed one, for a while."""

    residual = forms.ChoiceField(
        label="Show the residual risk as",
        choices=[(one.value, one.label) for one in Residual if one is not Residual.NOT_ASSESSED],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), help_text="What the computed rating misses.")
    expires_on = forms.DateField(label="Until", widget=DATE, help_text="At most a year from now.")


class OverrideDecisionForm(AnswerForm):
    """The second person's answer to an override."""

    note = forms.CharField(label="Why", widget=forms.Textarea(attrs={"rows": 3}))
