"""Forms about governance tiers: a lower one, and the way up."""

from typing import Any

from django import forms

from accounts.models import User
from controls.models import TierPlan
from controls.tiers import plans
from vendors.models import Deployment
from web.forms.editing import EditForm
from web.forms.fields import owners
from web.forms.fields.days import DATE
from web.forms.fields.deciding import AnswerForm

TIERS = [(1, "Tier 1"), (2, "Tier 2"), (3, "Tier 3")]
REVISION_HELP = "Tiers 1 and 2 of the draft are the other way round in the approved specification."


def _tier(label: str) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(label=label, coerce=int, choices=TIERS)


def _revision() -> forms.ChoiceField:
    return forms.ChoiceField(
        label="Revision of MI-20", choices=Deployment.GovernanceRevision.choices, help_text=REVISION_HELP
    )


def _area(rows: int = 3) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class LowerTierForm(forms.Form):
    """Which tier, why, and until when."""

    tier = _tier("Tier that it runs at")
    revision = _revision()
    reason = forms.CharField(widget=_area(4), help_text="Why the controls of the tier proposed are not needed yet.")
    expires_on = forms.DateField(label="Until", widget=DATE, help_text="At most a year from now. It ends by itself.")


class LowerTierDecisionForm(AnswerForm):
    """Another person's answer to a request to run at a lower tier."""

    GRANT = "Accept the lower tier until that day"


class TierPlanForm(forms.Form):
    """To which tier, by when, and who sees to it."""

    to_tier = _tier("To tier")
    revision = _revision()
    target_on = forms.DateField(
        label="In place by", widget=DATE, help_text="The day of every milestone at first; each can be moved."
    )
    owner = forms.ModelChoiceField(queryset=User.objects.none(), required=False, empty_label="Nobody yet")
    note = forms.CharField(required=False, widget=_area())

    def __init__(self, *args: Any, unit_id: Any, **kwargs: Any) -> None:
        """Offer the people of the unit."""
        super().__init__(*args, **kwargs)
        owners.offer(self.fields["owner"], unit_id=unit_id, owner=None)


class TierPlanEditForm(EditForm):
    """Who sees to a plan, and what is to be known of it."""

    owner = forms.ModelChoiceField(queryset=User.objects.none(), required=False, empty_label="Nobody yet")
    note = forms.CharField(required=False, widget=_area())

    step = plans.change

    def __init__(self, *args: Any, row: TierPlan, **kwargs: Any) -> None:
        """Start from the plan; offer the people of its unit."""
        super().__init__(*args, row=row, **kwargs)
        owners.offer(self.fields["owner"], unit_id=row.unit_id, owner=row.owner)

    @classmethod
    def begin(cls, row: Any) -> dict[str, Any]:
        """Return the owner's key and the note."""
        return super().begin(row) | {"owner": row.owner_id}


class MilestoneForm(forms.Form):
    """Which milestone is to be done by which other day."""

    control = forms.ChoiceField(label="Milestone")
    due_on = forms.DateField(label="Due on", widget=DATE)

    def __init__(self, *args: Any, plan: TierPlan, **kwargs: Any) -> None:
        """Offer the milestones that are not done."""
        super().__init__(*args, **kwargs)
        left = plan.milestones.filter(done_on=None).select_related("control")
        field: Any = self.fields["control"]
        field.choices = [(one.control.ref, f"{one.control} · {one.due_on:%-d %b %Y}") for one in left]
