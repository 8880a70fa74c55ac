"""The cards of statuses of controls, of acceptances of a lower governance tier, and of tier plans."""

from django.db.models import Q

from accounts.access import Capability
from controls.models import ControlStatus, TierAcceptance, TierMilestone, TierPlan
from riskregister import nouns
from riskregister.nouns import Noun, Page, Place

nouns.register(
    Noun(
        ControlStatus,
        word="control status",
        plural="control statuses",
        prefix="CT",
        verbs=("control_status",),
        subject="server",
        moving=("state", "valid_until", "due_on", "owner"),
        related=("control", "service", "server", "deployment"),
        words=("control__ref", "control__title"),
        hint="control.title",
        pages=(Page("control-status-detail"),),
        places={"owner": ("owner", "service.owner", "server.owner")},
        held_by={"owner": Place(Capability.READ, still=~Q(state="not_known"), given="control_status.handed_over")},
        demo=("server__is_demo", "service__unit__is_demo"),
    ),
    Noun(
        TierAcceptance,
        word="tier acceptance",
        prefix="TA",
        verbs=("tier_acceptance",),
        subject="server",
        moving=("status", "expires_on"),
        related=("server", "deployment"),
        words=("server__title", "deployment__name"),
        hint="deployment",
        pages=(Page("tier-acceptance-detail"),),
        places={"owner": ("deployment.owner", "server.owner"), "requester": ("requested_by",)},
        due_on="expires_on",
    ),
    Noun(
        TierPlan,
        word="tier plan",
        prefix="TP",
        verbs=("tier_plan",),
        subject="server",
        moving=("status", "owner"),
        related=("server", "deployment"),
        words=("server__title", "deployment__name"),
        hint="about",
        pages=(Page("tier-plan-detail"),),
        places={"owner": ("owner", "server.owner")},
        held_by={"owner": Place(Capability.READ, still=Q(status="under_way"), given="tier_plan.handed_over")},
    ),
    Noun(TierMilestone, unit="plan.unit_id", subject="plan.server", of="plan", moving=()),
)
