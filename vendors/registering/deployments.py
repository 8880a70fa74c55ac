"""Steps about deployments: a server in one environment, used by one agent or for one use case."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from accounts.access import Capability
from accounts.principals import Principal
from accounts.steps import Done, Unchanged, step
from riskregister import nouns, versions
from riskregister.refusals import Conflict, Refused
from vendors import fields
from vendors.models import Deployment, Server
from vendors.registering import exposure


class ServerRetired(Refused):
    """A retired server cannot be deployed."""


class DeploymentEnded(Conflict):
    """A deployment that has ended stays as it was."""


def _governance_tier(value: Any, field: str) -> int | None:
    if value not in (None, 1, 2, 3):
        raise Refused("Choose governance tier 1, 2 or 3.", field=field)
    return None if value is None else int(value)


DEPLOYMENT_FIELDS: dict[str, fields.Cleaner] = {
    "name": fields.name(160),
    "environment": fields.one_of(Deployment.Environment),
    "agent": fields.name(200),
    "owner": fields.person,
    "personal_data": fields.truth,
    "governance_tier": _governance_tier,
    "governance_revision": fields.one_of_or_empty(Deployment.GovernanceRevision),
    "in_use_since": fields.day,
    **exposure.FACT_FIELDS,
}


# Of an approved server what makes its tier milder takes an approver who does not own it.
EASES = (Capability.DECIDE,)


def _twice(deployment: Deployment) -> Conflict:
    sentence = f"{deployment.agent} has this server in {deployment.environment} already. Edit that deployment."
    return Conflict(sentence, field="agent")


@step("deployment.added", needs=Capability.WRITE, also=EASES, makes=Deployment)
def add_deployment(
    server: Server, *, name: str, environment: str, agent: str, by: Principal, now: datetime, **facts: Any
) -> Done[Deployment]:
    """Return a new deployment of the server; without `in_use_since` it is planned. `facts` are DEPLOYMENT_FIELDS.

    The tier of the deployment and of the server follow in the same transaction. Raises Refused for a bad value,
    ServerRetired, or Conflict when the agent has this server in this environment already.
    """
    cleaned = fields.clean({"name": name, "environment": environment, "agent": agent} | facts, DEPLOYMENT_FIELDS)
    # Held, so that nobody retires it while an agent is being connected.
    nouns.hold(server)
    if server.status == Server.Status.RETIRED:
        raise ServerRetired(f"{server} is retired. Request it again first.")
    deployment = Deployment(server=server, **cleaned)
    _refuse_contradiction(deployment, today=timezone.localdate(now))
    fields.refuse_outsider(deployment.owner, unit_id=server.unit_id, field="owner")
    exposure.rate(deployment)
    fields.save_once(deployment, otherwise=_twice(deployment))
    exposure.refresh(server, changing=deployment, by=by, now=now)
    return Done(deployment, **_tiers(deployment))


@step("deployment.edited", needs=Capability.WRITE, also=EASES, taken=_twice, edits=versions.facts(*DEPLOYMENT_FIELDS))
def edit_deployment(
    deployment: Deployment, *, changes: Mapping[str, Any], by: Principal, now: datetime
) -> Done[Deployment]:
    """Return the deployment with changed DEPLOYMENT_FIELDS; records nothing when none differs.

    Raises DeploymentEnded, Refused for a bad value, or Conflict as `add_deployment`.
    """
    cleaned = fields.clean(changes, DEPLOYMENT_FIELDS)
    _refuse_ended(deployment)
    changed = fields.differing(deployment, cleaned)
    if not changed:
        return Unchanged(deployment)
    fields.refuse_outsider(changed.get("owner"), unit_id=deployment.server.unit_id, field="owner")
    if "owner" in changed and by.person is not None and deployment.owner_id == by.person.pk:
        deployment.server.given_away.create(person=by.person, at=now)
    fields.put_on(deployment, changed)
    _refuse_contradiction(deployment, today=timezone.localdate(now))
    exposure.rate(deployment)
    exposure.refresh(deployment.server, changing=deployment, by=by, now=now)
    return Done(deployment, fields=sorted(changed), **_tiers(deployment))


@step("deployment.ended", needs=Capability.WRITE, also=EASES)
def end_deployment(deployment: Deployment, *, on: date, by: Principal, now: datetime) -> Done[Deployment]:
    """Return the deployment, ended on a day up to today; it no longer counts for the server's tier and use.

    Raises DeploymentEnded for a second time, Refused for a day before its beginning or in the future.
    """
    _refuse_ended(deployment)
    exposure.refuse_facts_of_the_future("on", on, timezone.localdate(now))
    if deployment.in_use_since and on < deployment.in_use_since:
        raise Refused(f"It was in use from {deployment.in_use_since}. It ends on that day or later.", field="on")
    deployment.ended_on = on
    exposure.refresh(deployment.server, changing=deployment, by=by, now=now)
    return Done(deployment, on=on.isoformat(), **_tiers(deployment))


def _refuse_ended(deployment: Deployment) -> None:
    if deployment.ended_on is not None:
        raise DeploymentEnded(f"{deployment.ref} ended on {deployment.ended_on}. Add a new deployment.")


def _refuse_contradiction(deployment: Deployment, *, today: date) -> None:
    exposure.refuse_facts_of_the_future("in_use_since", deployment.in_use_since, today)
    if deployment.governance_tier and not deployment.governance_revision:
        raise Refused("Name the revision of MI-20 that the tier is of.", field="governance_revision")


def _tiers(deployment: Deployment) -> dict[str, Any]:
    return {"tier": deployment.inherent_tier, "server_tier": deployment.server.inherent_tier}
