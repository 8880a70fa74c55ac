"""Forms about vendors: their facts, contacts, sub-processors and status."""

from typing import Any

from django import forms

from accounts.models import User
from vendors.models import Criticality, Kind, Vendor
from vendors.registering import relations
from web.forms.editing import EditForm
from web.forms.fields import owners
from web.forms.fields.addresses import ADDRESS
from web.forms.fields.known import KnownOrNot


class VendorForm(EditForm):
    """A vendor's facts; the first six are what one knows on the first day."""

    name = forms.CharField(max_length=160)
    kinds = forms.MultipleChoiceField(
        label="What it supplies",
        choices=Kind.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text="It can be several.",
    )
    website = forms.CharField(required=False, max_length=300, widget=ADDRESS)
    # No limit in the browser: it would cut "Germany" to GE, which is Georgia.
    country = forms.CharField(
        required=False, help_text="Two letters, e.g. GB", widget=forms.TextInput(attrs={"size": 4})
    )
    criticality = forms.ChoiceField(
        required=False,
        choices=[("", "Not judged yet"), *Criticality.choices],
        help_text="How much your organisation depends on it.",
    )
    relationship_owner = forms.ModelChoiceField(
        queryset=User.objects.none(), required=False, empty_label="Nobody yet", help_text="Who talks to this vendor."
    )
    legal_entity = forms.CharField(required=False, max_length=200)
    is_commercial = KnownOrNot(
        label="Offers it as a business", help_text="Volunteers are not asked for certificates or accounts."
    )
    parent = forms.ModelChoiceField(
        queryset=Vendor.objects.none(),
        required=False,
        label="Parent company",
        empty_label="None",
        help_text="Another vendor here.",
    )
    notes = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}))
    SHOWN_FIRST = 6
    step = relations.edit_vendor

    def __init__(self, *args: Any, vendor: Vendor | None = None, **kwargs: Any) -> None:
        """Offer people with a role and the other vendors; start from the vendor's own facts."""
        super().__init__(*args, row=vendor, **kwargs)
        others = Vendor.objects.only("name").order_by("name")
        self.fields["parent"].queryset = others.exclude(pk=vendor.pk) if vendor else others  # type: ignore[attr-defined]
        owner = vendor.relationship_owner if vendor else None
        owners.offer(self.fields["relationship_owner"], unit_id=None, owner=owner)

    @classmethod
    def begin(cls, row: Vendor) -> dict[str, Any]:
        """Return the vendor's facts, with the kinds that it has."""
        return super().begin(row) | {"kinds": [one.kind for one in row.kinds.all()]}

    @property
    def first(self) -> list[forms.BoundField]:
        """Return the main fields."""
        return self.visible_fields()[: self.SHOWN_FIRST]

    @property
    def further(self) -> list[forms.BoundField]:
        """Return the fields that can wait."""
        return self.visible_fields()[self.SHOWN_FIRST :]

    @property
    def shows_further(self) -> bool:
        """Return whether a field that can wait has a value or an error."""
        return any(bound.value() or bound.errors for bound in self.further)


class ContactForm(forms.Form):
    """A person at a vendor."""

    name = forms.CharField(max_length=120)
    role = forms.CharField(required=False, max_length=120, help_text="e.g. Security contact")
    email = forms.CharField(required=False, max_length=254, label="E-mail", widget=forms.EmailInput)
    phone = forms.CharField(required=False, max_length=40)


class SubProcessorForm(forms.Form):
    """A vendor that this one uses to serve us."""

    used = forms.ModelChoiceField(
        queryset=Vendor.objects.none(), label="Vendor that it uses", empty_label="Choose a vendor"
    )
    purpose = forms.CharField(max_length=200, help_text="What for, e.g. hosting or e-mail delivery.")

    def __init__(self, *args: Any, vendor: Vendor, **kwargs: Any) -> None:
        """Offer the other vendors."""
        super().__init__(*args, **kwargs)
        self.fields["used"].queryset = Vendor.objects.exclude(pk=vendor.pk).only("name")  # type: ignore[attr-defined]
