"""What is asked about certificates: the facts of their kind, the document, the eight conditions, and a day."""

from typing import Any

from django import forms

from assurance import certificates, facts, validity
from assurance.models import CONDITIONS, Certificate
from evidence.models import Evidence
from vendors.models import Vendor
from web.forms.editing import EditForm
from web.forms.fields.days import DATE
from web.forms.fields.known import KnownOrNot

K = Certificate.Kind
# Enough to find what was just added; an older document is found on its own page.
OFFERED = 100
_TEXT = forms.Textarea(attrs={"rows": 3})
# What the body is called, and what the period's last day means, for each kind.
_LABELS: dict[str, dict[str, str]] = {
    K.SOC2_TYPE_1: {"body": "Auditor", "period_to": "As of"},
    K.SOC2_TYPE_2: {"body": "Auditor", "period_to": "Period to"},
    K.BRIDGE_LETTER: {"period_to": "Speaks until"},
    K.PCI_AOC: {"body": "Assessor"},
    K.PENETRATION_TEST: {"body": "Tester"},
}


def _day(label: str, words: str = "") -> forms.DateField:
    return forms.DateField(label=label, required=False, widget=DATE, help_text=words)


def _line(label: str, words: str = "", *, limit: int = 200) -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=limit, help_text=words)


def _count(label: str) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, required=False, min_value=0, max_value=facts.MOST, help_text="Empty: not known."
    )


class _Facts(forms.Form):
    """The facts of all kinds; of one certificate only those of its kind are asked."""

    legal_entity = _line("Legal entity", "As the document names it. If it is not the vendor’s, you are told.")
    scope = forms.CharField(
        label="Scope",
        required=False,
        widget=_TEXT,
        help_text="What it covers: services, systems, as the document says.",
    )
    issued_on = _day("Issued on")
    body = _line("Certification body", "Who looked.")
    accreditation = _line(
        "Accreditation", "By whom the body is accredited or licensed, e.g. DAkkS, UKAS, AICPA peer review."
    )
    certificate_number = _line("Number", limit=100)
    period_from = _day("Period from")
    period_to = _day("Period to")
    ends_on = _day("Ends on", "As the document says.")
    opinion = forms.ChoiceField(required=False, choices=[("", "Not known yet"), *Certificate.Opinion.choices])
    exceptions = _count("Exceptions found")
    categories = forms.MultipleChoiceField(
        required=False, choices=Certificate.Category.choices, widget=forms.CheckboxSelectMultiple
    )
    subservice = forms.ChoiceField(
        label="Services that it uses itself",
        required=False,
        choices=[("", "Not known yet"), *Certificate.Subservice.choices],
        help_text="Carved out: the auditor did not look at them; ask for reports of their own.",
    )
    user_controls = forms.CharField(
        label="What it expects of us",
        required=False,
        widget=_TEXT,
        help_text="Controls that only work if we do our part (complementary user entity controls).",
    )
    soa_version = _line("Statement of applicability", "Its version, e.g. 3.2 of May 2026.", limit=100)
    sites = forms.CharField(required=False, widget=_TEXT, help_text="The places that it names.")
    next_surveillance = _day("Next surveillance audit")
    surveillance_note = forms.CharField(
        label="Why it may wait",
        required=False,
        widget=_TEXT,
        help_text="Where a surveillance audit that was due is late.",
    )
    role = _line("Role", "Merchant or service provider.", limit=100)
    level = _line("Level", "Of CSA STAR: 1, or none, is the vendor’s own word.", limit=40)
    caiq_version = _line(
        "Version of the CAIQ", "The questionnaire of the Cloud Security Alliance, e.g. 4.0.3.", limit=40
    )
    open_critical = _count("Still open, critical")
    open_high = _count("Still open, high")
    open_medium = _count("Still open, medium")
    open_low = _count("Still open, low")
    retested_on = _day("Tested again on")

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        """Ask for the facts of the kind."""
        super().__init__(*args, **kwargs)
        asked = facts.OF_KIND[kind]
        for name in set(facts.CLEANERS) - set(asked):
            del self.fields[name]
        for name in facts.NEEDED[kind]:
            self.fields[name].required = True
        for name, label in _LABELS.get(kind, {}).items():
            self.fields[name].label = label
        self.order_fields([*(name for name in self.fields if name not in asked), *asked])


class CorrectForm(_Facts, EditForm):
    """The facts of a certificate that is on record."""

    step = certificates.correct


class RecordForm(_Facts):
    """A new certificate: its document, chosen or uploaded, what it supersedes or bridges, and its facts."""

    file = forms.FileField(label="The document", required=False, help_text="It is kept as evidence, as it is.")
    evidence = forms.ModelChoiceField(
        label="Or evidence on record",
        queryset=Evidence.objects.none(),
        required=False,
        empty_label="None: the file above",
        help_text="Of the whole organisation, and behind no other certificate.",
    )
    supersedes = forms.ModelChoiceField(
        label="In place of", queryset=Certificate.objects.none(), required=False, empty_label="None"
    )
    bridges = forms.ModelChoiceField(
        label="The report that it bridges", queryset=Certificate.objects.none(), empty_label="Choose"
    )

    def __init__(self, *args: Any, kind: str, vendor: Vendor, **kwargs: Any) -> None:
        """Offer documents, and the vendor's other certificates."""
        super().__init__(*args, kind=kind, **{"initial": {"legal_entity": vendor.legal_entity}} | kwargs)
        free = Evidence.objects.filter(unit=None, certificate=None).exclude(issuer=Evidence.Issuer.REGISTER)
        newest = free.order_by("-number").values_list("pk", flat=True)[:OFFERED]
        self.fields["evidence"].queryset = Evidence.objects.filter(pk__in=list(newest))  # type: ignore[attr-defined]
        others = Certificate.objects.filter(vendor=vendor)
        standing = others.filter(kind__in=validity.superseded_by(kind)).exclude(status=Certificate.Status.SUPERSEDED)
        self.fields["supersedes"].queryset = standing  # type: ignore[attr-defined]
        self.fields["bridges"].queryset = others.filter(kind__in=Certificate.SOC2)  # type: ignore[attr-defined]
        for name in ("file", "evidence"):
            self.fields[name].goes_unmarked = True  # type: ignore[attr-defined]
        if kind != K.BRIDGE_LETTER:
            del self.fields["bridges"]
        if not standing.exists():
            del self.fields["supersedes"]

    def clean(self) -> dict[str, Any] | None:
        """Refuse a certificate without a document, or with two."""
        cleaned = super().clean()
        if self.is_bound and bool(self.cleaned_data.get("file")) == bool(self.cleaned_data.get("evidence")):
            self.add_error("file", "Choose a file, or evidence on record: one of them.")
        return cleaned


class JudgeForm(EditForm):
    """The eight conditions: yes, no, or not known."""

    step = certificates.judge

    plan_fits = KnownOrNot(label=CONDITIONS["plan_fits"], help_text="")
    scope_fits = KnownOrNot(label=CONDITIONS["scope_fits"], help_text="")
    is_read = KnownOrNot(label=CONDITIONS["is_read"], help_text="")
    scope_kept = KnownOrNot(label=CONDITIONS["scope_kept"], help_text="")
    auditor_fits = KnownOrNot(label=CONDITIONS["auditor_fits"], help_text="")
    is_tested = KnownOrNot(label=CONDITIONS["is_tested"], help_text="")
    scope_can_grow = KnownOrNot(label=CONDITIONS["scope_can_grow"], help_text="")
    own_audits = KnownOrNot(label=CONDITIONS["own_audits"], help_text="")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Mark none as optional: that nobody knows is an answer."""
        super().__init__(*args, **kwargs)
        for name in CONDITIONS:
            self.fields[name].goes_unmarked = True  # type: ignore[attr-defined]


class StopForm(forms.Form):
    """Since when it does not count, and why."""

    on = forms.DateField(label="Since", widget=DATE)
    reason = forms.CharField(widget=_TEXT)
