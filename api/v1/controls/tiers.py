"""Governance tiers: what is missing for them, acceptances of lower ones, and plans."""

from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from accounts.principals import Principal
from api.fields import Body, Choice, Known, Note, OptionalNote, Reason, Text, Whole
from api.steps import takes
from api.v1.endpoint_parts import refs
from api.v1.endpoint_parts.field_history import WithFieldHistory
from api.v1.endpoint_parts.refs import Out
from api.views import Noun, step
from controls.models import TierAcceptance, TierMilestone, TierPlan
from controls.tier_lists import TIER_ACCEPTANCES, TIER_GAPS, TIER_PLANS, gap_of, gap_rows
from controls.tiers import acceptances, detail, plans, progress
from controls.tiers.measuring import Measured
from riskregister import looks
from vendors.models import Deployment, Server


class ShortfallOut(serializers.Serializer[Any]):
    """How far a deployment is from one tier; `effort` in days of work."""

    tier = serializers.IntegerField()
    needed = serializers.IntegerField()
    met = serializers.IntegerField()
    effort = serializers.IntegerField()


class DemandOut(serializers.Serializer[Any]):
    """A control that the tier asks for, since which tier; `why` it is read so where the text does not name it."""

    ref = serializers.CharField(source="control.ref")
    title = serializers.CharField(source="control.title")
    since_tier = serializers.IntegerField(source="demand.since")
    why = serializers.CharField(source="demand.why", allow_blank=True)
    status = Choice(choices=list(looks.kinds()["control status"]), source="holds.status")
    is_met = serializers.BooleanField()
    is_contradicted = serializers.BooleanField(source="holds.is_contradicted")
    effort = serializers.IntegerField()
    is_effort_stated = serializers.BooleanField()
    owner = serializers.CharField(allow_blank=True)
    due_on = serializers.DateField(allow_null=True)


def _gap(row: Deployment) -> Measured:
    return gap_of(row, timezone.localdate())


class TierGapOut(Out):
    """A current deployment beside its governance tier: what is in place of what each tier asks for.

    `held_against` is the tier that it runs at, or, while none is set, the one proposed. `controls`, of one deployment
    alone, are those that this tier asks for.
    """

    ref = serializers.CharField()
    server = refs.ServerRef()
    owner = refs.PersonRef()
    proposed_tier = serializers.SerializerMethodField()
    proposed_at_best = serializers.SerializerMethodField()
    proposal_reason = serializers.SerializerMethodField()
    held_against = serializers.SerializerMethodField()
    held_against_revision = serializers.SerializerMethodField()
    tiers = serializers.SerializerMethodField()

    class Meta:
        model = Deployment
        fields = (
            "id", "ref", "server", "name", "environment", "owner", "inherent_tier", "governance_tier",
            "governance_revision", "proposed_tier", "proposed_at_best", "proposal_reason", "held_against",
            "held_against_revision", "tiers",
        )  # fmt: skip

    def get_proposed_tier(self, row: Deployment) -> int:
        """Return the governance tier that is proposed."""
        return _gap(row).proposal.tier

    def get_proposed_at_best(self, row: Deployment) -> int:
        """Return what would be proposed if all that nobody knows were as good as can be."""
        return _gap(row).proposal.at_best

    def get_proposal_reason(self, row: Deployment) -> str:
        """Return why, in words."""
        return _gap(row).proposal.words

    def get_held_against(self, row: Deployment) -> int:
        """Return the tier that it is held against."""
        return _gap(row).aim

    @extend_schema_field(Choice(choices=Deployment.GovernanceRevision.choices))
    def get_held_against_revision(self, row: Deployment) -> str:
        """Return of which revision that tier is."""
        return _gap(row).revision

    @extend_schema_field(ShortfallOut(many=True))
    def get_tiers(self, row: Deployment) -> Any:
        """Return how far it is from tiers 1, 2 and 3."""
        return ShortfallOut(_gap(row).shortfalls, many=True).data


class TierGapWholeOut(TierGapOut):
    """The same, control by control."""

    controls = serializers.SerializerMethodField()

    class Meta(TierGapOut.Meta):
        fields = (*TierGapOut.Meta.fields, "controls")  # type: ignore[assignment]

    @extend_schema_field(DemandOut(many=True))
    def get_controls(self, row: Deployment) -> Any:
        """Return the controls that the tier asks for."""
        sections = detail.sections(row, tier=_gap(row).aim, today=timezone.localdate())
        return DemandOut([line for section in sections for line in section.lines], many=True).data


class TierGaps(ListModelMixin, RetrieveModelMixin, Noun[Deployment]):
    """What is missing at current deployments for their governance tiers; not known counts as missing."""

    serializer_class, row_class = TierGapWholeOut, TierGapOut
    of, orders = TIER_GAPS, ("-number", "inherent_tier")

    def get_queryset(self) -> "QuerySet[Deployment]":
        """Return the current deployments that the caller may see."""
        return gap_rows(self.person)


class TierAcceptanceOut(Out):
    """A decision to run a deployment at a lower governance tier than the one proposed, until a day."""

    ref = serializers.CharField()
    unit = refs.UnitRef()
    server = refs.ServerRef()
    deployment = refs.DeploymentRef()
    requested_by = refs.PersonRef()
    decided_by = refs.PersonRef()
    revoked_by = refs.PersonRef()
    state = serializers.SerializerMethodField()

    class Meta:
        model = TierAcceptance
        fields = (
            "id", "ref", "unit", "server", "deployment", "status", "state", "tier", "revision", "proposed",
            "proposal_reason", "reason", "expires_on", "requested_by", "requested_at", "decided_by", "decided_at",
            "decision_note", "revoked_by", "revoked_at",
        )  # fmt: skip

    @extend_schema_field(Choice(choices=["requested", "in_force", "refused", "revoked", "expired"]))
    def get_state(self, row: TierAcceptance) -> str:
        """Return how it stands today, by the clock."""
        return row.state(today=timezone.localdate())


class TierAcceptanceBody(Body):
    """Which deployment is to run at which lower tier, why, and until when."""

    deployment = Known(Deployment)
    tier = Whole(min_value=1, max_value=3)
    revision = Choice(choices=Deployment.GovernanceRevision.choices)
    reason = Text()
    expires_on = serializers.DateField()


class TierAcceptances(ListModelMixin, RetrieveModelMixin, WithFieldHistory, Noun[TierAcceptance]):
    """Acceptances of lower governance tiers; `state` says whether one counts today."""

    serializer_class, body_class = TierAcceptanceOut, TierAcceptanceBody
    of, orders = TIER_ACCEPTANCES, ("-number", "expires_on")

    def get_queryset(self) -> "QuerySet[TierAcceptance]":
        """Return the acceptances that the caller may see."""
        near = ("unit", "server", "deployment", "requested_by", "decided_by", "revoked_by")
        return TierAcceptance.objects.visible_to(self.person).select_related(*near)

    @takes(acceptances.request)
    def create(self, request: Request) -> Response:
        """Ask to run a deployment at a lower tier; an approver who owns neither it nor its server decides."""
        data = self.body(TierAcceptanceBody)
        deployment: Deployment = data.pop("deployment")
        return self.made(acceptances.request(deployment, by=self.by, now=timezone.now(), **data))

    @step("grant", takes=acceptances.grant, body=OptionalNote)
    def grant(self, tier_acceptance: TierAcceptance, *, by: Principal, now: datetime, note: str = "") -> None:
        """Accept a lower tier that somebody else asked for."""
        acceptances.grant(tier_acceptance, note=note, by=by, now=now)

    @step("refuse", takes=acceptances.refuse, body=Note)
    def refuse(self, tier_acceptance: TierAcceptance, *, by: Principal, now: datetime, note: str) -> None:
        """Refuse a lower tier that somebody else asked for."""
        acceptances.refuse(tier_acceptance, note=note, by=by, now=now)

    @step("revoke", takes=acceptances.revoke, body=Reason)
    def revoke(self, tier_acceptance: TierAcceptance, *, by: Principal, now: datetime, reason: str) -> None:
        """End an acceptance before its day; the finding is back."""
        acceptances.revoke(tier_acceptance, reason=reason, by=by, now=now)


class TierMilestoneOut(Out):
    """A control that is to be in place by a day; `done_on` since when it is."""

    control = serializers.CharField(source="control.ref")
    title = serializers.CharField(source="control.title")

    class Meta:
        model = TierMilestone
        fields = ("control", "title", "due_on", "done_on")


class TierPlanOut(Out):
    """A plan towards a governance tier; without `deployment` it is for all deployments of the server."""

    ref = serializers.CharField()
    unit = refs.UnitRef()
    server = refs.ServerRef()
    deployment = refs.DeploymentRef()
    owner = refs.PersonRef()
    made_by = refs.PersonRef()

    class Meta:
        model = TierPlan
        fields = (
            "id", "ref", "unit", "server", "deployment", "status", "from_tier", "to_tier", "revision", "owner", "note",
            "made_by", "made_at", "ended_at", "drop_reason",
        )  # fmt: skip


class TierPlanWholeOut(TierPlanOut):
    """The same with its milestones, and how much of what the tier asks for is in place today."""

    milestones = TierMilestoneOut(many=True)
    progress = serializers.SerializerMethodField()

    class Meta(TierPlanOut.Meta):
        fields = (*TierPlanOut.Meta.fields, "milestones", "progress")  # type: ignore[assignment]

    @extend_schema_field(
        {
            "type": "object",
            "properties": {name: {"type": "integer"} for name in ("needed", "met", "percent")},
            "required": ["needed", "met", "percent"],
        }
    )
    def get_progress(self, row: TierPlan) -> dict[str, int]:
        """Return how many controls the tier asks for, and how many are in place."""
        [found] = progress.of_plans(TierPlan.objects.filter(pk=row.pk), today=timezone.localdate())
        return {"needed": found.needed, "met": found.met, "percent": found.percent}


class TierPlanEdit(Body):
    """Who sees to it, and a note; what is left out is emptied."""

    owner = Known(User, required=False, allow_null=True)
    note = Text(required=False)


class TierPlanBody(TierPlanEdit):
    """Of which deployment, or of all of which server; to which tier, by when."""

    deployment = Known(Deployment, required=False, allow_null=True)
    server = Known(Server, required=False, allow_null=True)
    to_tier = Whole(min_value=1, max_value=3)
    revision = Choice(choices=Deployment.GovernanceRevision.choices)
    target_on = serializers.DateField()

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return the body. Raises ValidationError unless it names a deployment or a server, and not both."""
        if bool(data.get("deployment")) == bool(data.get("server")):
            raise serializers.ValidationError({"deployment": ["Name a deployment, or a server for all of its."]})
        return data


class Rescheduling(Body):
    """The milestone of which control, and its other day."""

    control = Text(max_length=40)
    due_on = serializers.DateField()


class TierPlans(ListModelMixin, RetrieveModelMixin, WithFieldHistory, Noun[TierPlan]):
    """Plans towards governance tiers; the clock marks what is done, and finishes them when nothing is missing."""

    serializer_class, row_class, body_class = TierPlanWholeOut, TierPlanOut, TierPlanBody
    of, orders = TIER_PLANS, ("-number", "to_tier")

    def get_queryset(self) -> "QuerySet[TierPlan]":
        """Return the plans that the caller may see."""
        seen = TierPlan.objects.visible_to(self.person)
        near = seen.select_related("unit", "server", "deployment", "owner", "made_by")
        return near if self.action == "list" else near.prefetch_related("milestones__control")

    @takes(plans.plan_for_deployment, plans.plan_for_server)
    def create(self, request: Request) -> Response:
        """Plan the way of a deployment, or of all of a server's: each control that is missing is a milestone."""
        data = self.body(TierPlanBody)
        deployment, server = data.pop("deployment", None), data.pop("server", None)
        if deployment is not None:
            return self.made(plans.plan_for_deployment(deployment, by=self.by, now=timezone.now(), **data))
        return self.made(plans.plan_for_server(server, by=self.by, now=timezone.now(), **data))

    @step("change", takes=plans.change, body=TierPlanEdit)
    def change(self, tier_plan: TierPlan, *, by: Principal, now: datetime, version: str | None, **data: Any) -> None:
        """Give a plan another owner or note."""
        facts = {"owner": None, "note": ""} | data
        plans.change.over(version)(tier_plan, by=by, now=now, **facts)

    @step("reschedule", takes=plans.reschedule, body=Rescheduling)
    def reschedule(self, tier_plan: TierPlan, *, by: Principal, now: datetime, control: str, due_on: date) -> None:
        """Move a milestone that is not done to another day."""
        plans.reschedule(tier_plan, control=control, due_on=due_on, by=by, now=now)

    @step("drop", takes=plans.drop, body=Reason)
    def drop(self, tier_plan: TierPlan, *, by: Principal, now: datetime, reason: str) -> None:
        """Give a plan up, with the reason."""
        plans.drop(tier_plan, reason=reason, by=by, now=now)
