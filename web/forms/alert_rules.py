"""Forms of rules: what they are about, whom they tell, and how soon."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.db import models

from accounts import access
from accounts.access import Capability
from accounts.models import Unit, User
from alerts.models import AlertRule, Channel
from alerts.rules import wording, writing
from riskregister import tags
from scoring.scales import Severity
from vendors.lists import TIERS
from vendors.models import Vendor
from web.forms.editing import EditForm
from web.forms.fields.reach import ReachForm

_SEVERITIES = [("", "Any"), *Severity.words()]


class SaysForm(forms.Form):
    """What a rule says, beside whose it is."""

    name = forms.CharField(max_length=120, help_text="Such as “Critical findings to the pager”.")
    about = forms.MultipleChoiceField(
        label="What it is about",
        widget=forms.SelectMultiple(attrs={"size": 12}),
        help_text="Kinds of things, or single events below them. Hold Ctrl to choose several.",
    )
    least_severity = forms.ChoiceField(
        label="Severity, at least", choices=_SEVERITIES, required=False, help_text="Unknown severity is told too."
    )
    tiers = forms.MultipleChoiceField(
        label="Tier of the server", choices=TIERS, required=False, widget=forms.CheckboxSelectMultiple
    )
    vendor = forms.ModelChoiceField(queryset=Vendor.objects.none(), required=False, empty_label="Any")
    tag = forms.CharField(label="Tag of the server", required=False, max_length=tags.LONGEST, help_text="Such as pci.")
    places = forms.MultipleChoiceField(
        label="Whom it tells", choices=list(wording.PLACES.items()), required=False, widget=forms.CheckboxSelectMultiple
    )
    people = forms.MultipleChoiceField(
        label="People besides", required=False, widget=forms.SelectMultiple(attrs={"size": 6})
    )
    channels = forms.MultipleChoiceField(required=False, widget=forms.SelectMultiple(attrs={"size": 4}))
    pace = forms.ChoiceField(
        label="How soon", choices=AlertRule.Speed.choices, help_text="What is critical is told at once in any case."
    )

    def offer(self, by: User, *, unit: Unit | None, is_open: bool) -> None:
        """Offer what the person sees: of one unit, or of all whose rule may still be chosen (`is_open`)."""
        fields: dict[str, Any] = self.fields
        fields["about"].choices = list(_about())
        fields["vendor"].queryset = Vendor.objects.visible_to(by)
        channels = Channel.objects.visible_to(by).in_use()
        fields["channels"].choices = _pairs(channels if is_open else channels.filter(unit=unit))
        if not fields["channels"].choices:
            fields["channels"].help_text = "None is open yet: open one under Channels."
        people = (
            access.people_beside(by)
            if is_open or unit is None
            else access.people_who_can(Capability.READ, unit_id=unit.pk)
        )
        fields["people"].choices = _pairs(people)


class NewRuleForm(ReachForm, SaysForm):
    """A new rule, and whose it is."""

    reaches = writing.write
    field_order = ("unit",)

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        """Offer all that the person sees; what does not belong together is refused by the step."""
        super().__init__(*args, by=by, **kwargs)
        self.offer(by, unit=None, is_open=True)


class RuleForm(EditForm, SaysForm):
    """What a rule says from now on."""

    step = writing.rewrite

    def __init__(self, *args: Any, by: User, row: AlertRule, **kwargs: Any) -> None:
        """Offer what is of the rule’s unit."""
        super().__init__(*args, row=row, **kwargs)
        self.offer(by, unit=row.unit, is_open=False)

    @classmethod
    def begin(cls, row: Any) -> dict[str, Any]:
        """Return what a rule says."""
        return dict(cls.step.rule.edits(row)) if cls.step.rule.edits else {}


def facts_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a form says as the step takes it: the name, and the rest with rows for ids."""
    people = User.objects.filter(pk__in=_keys(data["people"]))
    channels = Channel.objects.filter(pk__in=_keys(data["channels"])).select_related("unit")
    rest = {name: value for name, value in data.items() if name not in ("unit", "name", "version")}
    rows = {"people": list(people), "channels": list(channels), "tiers": [int(tier) for tier in data["tiers"]]}
    return {"name": data["name"], "facts": rest | rows}


def _keys(texts: Iterable[str]) -> list[UUID]:
    return [UUID(text) for text in texts]


def _pairs(rows: "models.QuerySet[Any]") -> list[tuple[str, str]]:
    return [(str(row.pk), str(row)) for row in rows]


def _about() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield the kinds of things, each with itself and the events of it; two hundred in one row nobody finds."""
    labels = wording.kinds_of_things()
    for word, events in wording.events_by_kind():
        whole = [(word, f"All of: {labels[word]}")] if word in labels else []
        yield labels.get(word, "Other events"), [*whole, *events]
