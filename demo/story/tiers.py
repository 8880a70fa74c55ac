"""At which governance tiers deployments of Payments run: one gap with a plan, and one lower tier that is accepted."""

from datetime import timedelta
from functools import partial
from typing import Any

from controls.models import TierAcceptance
from controls.tiers import acceptances, plans
from demo.diary import Diary
from demo.organisation import Organisation
from demo.story.case import EXAMPLE
from vendors.models import Deployment
from vendors.registering import deployments

APPROVED = Deployment.GovernanceRevision.APPROVED


def tell(diary: Diary, organisation: Organisation) -> None:
    """Note in the diary when the tiers are set, and what is done about what is missing."""
    diary.on(21, partial(_plan, diary, organisation))
    diary.on(20, partial(_ask, diary, organisation))
    diary.on(19, partial(_grant, diary, organisation))


def _plan(diary: Diary, organisation: Organisation) -> None:
    """The triage runs at the lowest tier, and is to get to the next one within half a year."""
    lena, deployment = organisation.person("lena"), _at("Error triage")
    _set(diary, lena, deployment)
    diary.do(
        lena, plans.plan_for_deployment, deployment, to_tier=2, revision=APPROVED.value, owner=lena,
        target_on=diary.until.date() + timedelta(days=150), note=f"With the new gateway. {EXAMPLE}",
    )  # fmt: skip


def _ask(diary: Diary, organisation: Organisation) -> None:
    tomas, deployment = organisation.person("tomas"), _at("Ledger questions")
    reason = f"It reads one replica, and the replica goes in spring. {EXAMPLE}"
    diary.do(
        tomas, acceptances.request, deployment, tier=1, revision=APPROVED.value, reason=reason,
        expires_on=diary.until.date() + timedelta(days=160),
    )  # fmt: skip


def _grant(diary: Diary, organisation: Organisation) -> None:
    """The lower tier is accepted, and only then set."""
    asked = TierAcceptance.objects.select_related("server", "deployment").get(status=TierAcceptance.Status.REQUESTED)
    diary.do(organisation.person("priya"), acceptances.grant, asked, note=f"Until spring. {EXAMPLE}")
    _set(diary, organisation.person("tomas"), _at("Ledger questions"))


def _at(name: str) -> Deployment:
    return Deployment.objects.select_related("server").get(name=name)


def _set(diary: Diary, by: Any, deployment: Deployment) -> None:
    """Say that it runs at governance tier 1."""
    changes = {"governance_tier": 1, "governance_revision": APPROVED.value}
    diary.do(by, deployments.edit_deployment, deployment, changes=changes)
