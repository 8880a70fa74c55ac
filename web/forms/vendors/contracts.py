"""Forms of contracts: what was agreed, the days of its term, and what it covers."""

from typing import Any, cast

from django import forms

from accounts.models import Unit, User
from contracts.agreements import agreeing
from contracts.coverage import parties
from contracts.models import Contract, IctService
from evidence.models import Evidence
from riskregister import nouns
from vendors.models import Server, ServerSupplier, Vendor
from web.forms.editing import EditForm
from web.forms.fields import owners
from web.forms.fields.days import DATE
from web.forms.fields.known import KnownOrNot


class EvidenceNumber(forms.CharField):
    """Evidence of the whole organisation, by its number."""

    def __init__(self, *, label: str, help_text: str) -> None:
        """Say what can be typed."""
        super().__init__(required=False, max_length=20, label=label, help_text=help_text)

    def to_python(self, value: Any) -> Any:
        """Return the evidence, or None. Raises ValidationError for what is none, or of one unit."""
        typed = super().to_python(value)
        if not typed:
            return None
        number = nouns.card(Evidence).number_in(typed)
        found = Evidence.objects.filter(number=number, unit=None).first() if number is not None else None
        if found is None:
            raise forms.ValidationError("There is no such evidence of the whole organisation. Look for its number.")
        return found

    def prepare_value(self, value: Any) -> Any:
        """Return the number as people write it."""
        return value.ref if isinstance(value, Evidence) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return whether another number is typed than there was."""
        return str(self.prepare_value(initial) or "") != str(data or "").strip()


class SignedForField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not subscriptable when it runs
    """The unit for which a contract is signed; one that the person does not see is kept, and is not named."""

    _UNSEEN = "unseen"
    unseen: Unit | None = None

    def prepare_value(self, value: Any) -> Any:
        """Return what stands for the unit in the page."""
        key = value.pk if isinstance(value, Unit) else value
        return self._UNSEEN if self.unseen and key == self.unseen.pk else super().prepare_value(value)

    def to_python(self, value: Any) -> Any:
        """Return the unit, or None. Raises ValidationError for one that is not offered."""
        return self.unseen if self.unseen and value == self._UNSEEN else super().to_python(value)

    def label_from_instance(self, obj: Any) -> str:
        """Return its name to who sees it."""
        return "A unit that you do not see" if obj == self.unseen else str(obj)


class ContractForm(EditForm):
    """What was agreed with a vendor; a title is enough to begin."""

    title = forms.CharField(max_length=200, help_text="e.g. Master services agreement.")
    kind = forms.ChoiceField(choices=Contract.Kind.choices)
    parent = forms.ModelChoiceField(
        queryset=Contract.objects.none(),
        required=False,
        label="Stands under",
        empty_label="No other contract",
        help_text="An amendment changes a contract, an order is made under one.",
    )
    reference = forms.CharField(required=False, max_length=80, help_text="The number that it has at yours or theirs.")
    owner = forms.ModelChoiceField(
        queryset=User.objects.none(), required=False, empty_label="Nobody yet", help_text="Who is told of its days."
    )
    evidence = EvidenceNumber(
        label="The document",
        help_text="Its number, e.g. E-12. Add the file under Evidence first, for the whole organisation.",
    )
    signed_on = forms.DateField(required=False, widget=DATE)
    starts_on = forms.DateField(required=False, widget=DATE)
    ends_on = forms.DateField(required=False, widget=DATE, help_text="Last day of the term. Empty: it has no end.")
    renewal = forms.ChoiceField(label="At its end", choices=Contract.Renewal.choices)
    renewal_months = forms.IntegerField(
        required=False,
        label="Renews for",
        min_value=1,
        max_value=agreeing.LONGEST_MONTHS,
        help_text="Months each time.",
    )
    notice_days = forms.IntegerField(
        required=False, label="Notice", min_value=0, max_value=agreeing.LONGEST_NOTICE, help_text="Days before the end."
    )
    review_on = forms.DateField(required=False, widget=DATE, help_text="When to look at it again.")
    for_unit = SignedForField(
        queryset=Unit.objects.none(), required=False, label="Signed for", empty_label="The whole organisation"
    )
    our_entity = forms.CharField(required=False, max_length=200, label="Our legal entity")
    our_signatory = forms.CharField(required=False, max_length=200, label="Signed for us by")
    their_entity = forms.CharField(required=False, max_length=200, label="Their legal entity")
    their_signatory = forms.CharField(required=False, max_length=200, label="Signed for them by")
    their_lei = forms.CharField(
        required=False, max_length=30, label="Their LEI", help_text="Legal Entity Identifier of 20 characters."
    )
    governing_law = forms.CharField(required=False, help_text="Two letters, e.g. DE.")
    critical_function = KnownOrNot(
        label="Supports a critical or important function",
        help_text="Without it, business would break or rules would be broken (DORA 3(22)).",
    )
    personal_data = KnownOrNot(label="They process personal data for us", help_text="Then GDPR asks for more clauses.")
    yearly_value = forms.DecimalField(required=False, label="Value a year", min_value=0, decimal_places=2)
    currency = forms.CharField(required=False, max_length=3, help_text="Three letters, e.g. EUR.")
    notes = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}))
    step = agreeing.edit
    SECTIONS = (
        ("", ("title", "kind", "parent", "reference", "owner", "evidence")),
        ("Term", ("signed_on", "starts_on", "ends_on", "renewal", "renewal_months", "notice_days", "review_on")),
        (
            "Parties",
            (
                *("for_unit", "our_entity", "our_signatory"),
                *("their_entity", "their_signatory", "their_lei", "governing_law"),
            ),
        ),
        ("What it is for", ("critical_function", "personal_data", "yearly_value", "currency", "notes")),
    )

    def __init__(self, *args: Any, by: User, vendor: Vendor, row: Contract | None = None, **kwargs: Any) -> None:
        """Offer the other contracts of the vendor, people with a role, and the units in which the person writes."""
        super().__init__(*args, row=row, **kwargs)
        others = Contract.objects.filter(vendor=vendor).order_by("-number")
        cast("forms.ModelChoiceField[Any]", self.fields["parent"]).queryset = (
            others.exclude(pk=row.pk) if row else others
        )
        units = agreeing.draft.units(by)
        kept = Unit.objects.filter(pk=row.for_unit_id) if row and row.for_unit_id else Unit.objects.none()
        signed_for = cast(SignedForField, self.fields["for_unit"])
        signed_for.queryset = units | kept
        if row and parties.is_for_unseen_unit(row, by):
            signed_for.unseen, signed_for.queryset, signed_for.empty_label = row.for_unit, kept, None
        owners.offer(self.fields["owner"], unit_id=None, owner=row.owner if row else None)
        if row is None and not self.is_bound:
            self.initial.setdefault("their_entity", vendor.legal_entity)

    @property
    def sections(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Return the fields by what they are about."""
        return [(title, [self[name] for name in names]) for title, names in self.SECTIONS]


class SignForm(forms.Form):
    """The days of a contract that both sides have signed."""

    signed_on = forms.DateField(widget=DATE)
    starts_on = forms.DateField(widget=DATE)
    ends_on = forms.DateField(required=False, widget=DATE, help_text="Last day of the term. Empty: as it was drafted.")


class ReviewedForm(forms.Form):
    """What a review of a contract showed."""

    note = forms.CharField(label="What was seen", widget=forms.Textarea(attrs={"rows": 4}))
    review_on = forms.DateField(required=False, label="Look at it again on", widget=DATE)


class EndForm(forms.Form):
    """When and why a contract ended."""

    ended_on = forms.DateField(label="Last day", widget=DATE)
    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}))


class NoticeForm(forms.Form):
    """When notice was given."""

    given_on = forms.DateField(label="Given on", widget=DATE)
    note = forms.CharField(required=False, label="By whom, and how", widget=forms.Textarea(attrs={"rows": 3}))


class CoverForm(forms.Form):
    """What a contract covers: a server of the vendor, or a service in words."""

    server = forms.ModelChoiceField(queryset=Server.objects.none(), required=False, empty_label="No server")
    service = forms.CharField(
        required=False, max_length=200, help_text="In words, e.g. hosting, where it is no server."
    )
    ict_service = forms.ChoiceField(
        choices=[("", "Not known"), *IctService.choices], required=False, label="Type of ICT service",
        help_text="As the register of information of DORA names them.",
    )  # fmt: skip

    def __init__(self, *args: Any, by: User, vendor: Vendor, **kwargs: Any) -> None:
        """Offer the servers that the vendor stands behind and that the person sees."""
        super().__init__(*args, **kwargs)
        supplied = ServerSupplier.objects.filter(vendor=vendor).values("server")
        seen = Server.objects.visible_to(by).filter(pk__in=supplied).order_by("title")
        cast("forms.ModelChoiceField[Any]", self.fields["server"]).queryset = seen
