"""Forms about what the world says of threats: what was learnt, what came of it, and what is passed on."""

from typing import Any

from django import forms

from accounts.models import Unit, User
from findings.models import Finding
from intelligence import sharing, watching
from intelligence.models import IndicatorHit, WatchEntry
from intelligence.models.indicator import TLPS
from intelligence.reading.indicators import Tlp
from vendors.models import Server, Vendor
from web.forms.fields.addresses import ADDRESS
from web.forms.fields.days import DATE

# A choice of more helps nobody; the API takes any.
_OFFERED = 50


class NoteForm(forms.Form):
    """What was learnt; `subject` is the vendor or the server that it is about."""

    vendor = forms.ModelChoiceField(queryset=Vendor.objects.none(), required=False, empty_label="None")
    server = forms.ModelChoiceField(
        queryset=Server.objects.none(), required=False, empty_label="None", help_text="One of both: what it is about."
    )
    kind = forms.ChoiceField(label="What was learnt", choices=WatchEntry.Kind.choices, widget=forms.RadioSelect)
    title = forms.CharField(max_length=300, label="In one line")
    text = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 5}))
    source = forms.CharField(required=False, max_length=320, label="Who says so")
    url = forms.CharField(required=False, max_length=300, label="Address", widget=ADDRESS)
    happened_on = forms.DateField(required=False, label="Happened on", widget=DATE)
    tlp = forms.ChoiceField(
        required=False,
        label="Marking",
        choices=[("", "None"), *TLPS],
        help_text="How far it may travel, as its source says.",
    )
    techniques = forms.CharField(
        required=False, help_text="Ids with blanks between them, as SAFE-T1001 AML.T0010. The vocabulary has a page."
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        """Offer the vendors, and the servers of the units in which the person works."""
        super().__init__(*args, **kwargs)
        servers = Server.objects.visible_to(by).filter(unit__in=watching.note.units(by))
        self.fields["vendor"].queryset = Vendor.objects.visible_to(by)  # type: ignore[attr-defined]
        self.fields["server"].queryset = servers.exclude(status__in=Server.OUT_OF_USE)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Keep what it is about, and techniques by their ids; refuse both or neither."""
        data: dict[str, Any] = super().clean() or {}
        vendor, server = data.pop("vendor", None), data.pop("server", None)
        if (vendor is None) == (server is None) and not self.errors:
            self.add_error("server", "Choose the vendor or the server that it is about: one of both.")
        data["subject"] = vendor or server
        data["techniques"] = str(data.get("techniques") or "").replace(",", " ").split()
        return data


class OutcomeForm(forms.Form):
    """What came of it."""

    outcome = forms.CharField(label="What came of it", widget=forms.Textarea(attrs={"rows": 4}))


class ShareForm(forms.Form):
    """What is passed on, to whom, under which marking, and why."""

    unit = forms.ModelChoiceField(queryset=Unit.objects.none(), empty_label=None, help_text="Whose decision it is.")
    recipient = forms.CharField(max_length=200, label="To whom", help_text="Such as FS-ISAC, or the vendor.")
    tlp = forms.ChoiceField(
        label="Marking",
        choices=[one for one in TLPS if one[0] != Tlp.RED],
        widget=forms.RadioSelect,
        help_text="At least as strict as each source: one that says nothing counts as TLP:AMBER. TLP:RED never leaves.",
    )
    hits = forms.ModelMultipleChoiceField(
        queryset=IndicatorHit.objects.none(), required=False, widget=forms.CheckboxSelectMultiple, label="Hits"
    )
    entries = forms.ModelMultipleChoiceField(
        queryset=WatchEntry.objects.none(), required=False, widget=forms.CheckboxSelectMultiple, label="Watch entries"
    )
    findings = forms.ModelMultipleChoiceField(
        queryset=Finding.objects.none(), required=False, widget=forms.CheckboxSelectMultiple, label="Findings"
    )
    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), help_text="Why they should know.")

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        """Offer the latest of what the person may see and that may leave."""
        super().__init__(*args, **kwargs)
        hits = IndicatorHit.objects.visible_to(by).filter(gone_at__isnull=True).exclude(indicator__tlp=Tlp.RED)
        entries = WatchEntry.objects.visible_to(by).exclude(tlp=Tlp.RED)
        findings = sharing.findings_for_others(Finding.objects.visible_to(by))
        offered: dict[str, Any] = {
            "unit": sharing.share.units(by),
            "hits": _latest(hits.select_related("indicator")),
            "entries": _latest(entries),
            "findings": _latest(findings),
        }
        for name, rows in offered.items():
            self.fields[name].queryset = rows  # type: ignore[attr-defined]
            if not rows.exists():
                self.fields[name].help_text = "There is none to pass on."


def _latest(rows: Any) -> Any:
    """Return the latest of the rows, still to be narrowed: a form looks up in it what was chosen."""
    return rows.filter(pk__in=list(rows.values_list("pk", flat=True)[:_OFFERED]))
