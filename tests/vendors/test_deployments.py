"""Deployments, and the tier and use of a server that follow from them."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.access import NotPermitted
from audit.models import Event
from riskregister.refusals import Conflict, Refused
from tests.cast import NOON, TODAY, Cast, a_server, assemble
from tests.tables import for_each
from vendors import lifecycle
from vendors.models import Deployment, Server
from vendors.models.deployment import FACTS
from vendors.registering import deployments, registration

pytestmark = pytest.mark.django_db

CALM = dict.fromkeys(FACTS, "low")


@pytest.fixture
def cast() -> Cast:
    return assemble()


@pytest.fixture
def server(cast: Cast) -> Server:
    return a_server(cast)


def deploy(cast: Cast, server: Server, **facts) -> Deployment:
    arguments: dict[str, Any] = {
        "name": "Support",
        "environment": "production",
        "agent": "Support agent",
        "by": cast.alice,
        "now": NOON,
    }
    return deployments.add_deployment(server, **(arguments | {"in_use_since": TODAY} | CALM | facts))


def shown(server: Server) -> tuple[bool, int]:
    stored = Server.objects.get(pk=server.pk)
    assert (stored.is_in_use, stored.inherent_tier) == (server.is_in_use, server.inherent_tier)
    return stored.is_in_use, stored.inherent_tier


def test_a_server_shows_the_worst_tier_of_its_current_deployments(cast: Cast, server: Server):
    calm = deploy(cast, server)
    assert shown(server) == (True, 4)

    risky = deploy(cast, server, agent="Payout agent", data_reached="severe", business_criticality="severe")
    assert shown(server) == (True, 1)
    assert server.tier_reason.startswith(f"{risky.ref}: At least two facts are severe: Data reached")

    risky = Deployment.objects.get(pk=risky.pk)
    deployments.end_deployment(risky, on=TODAY, by=cast.alice, now=NOON)
    assert shown(risky.server) == (True, 4)

    calm = Deployment.objects.get(pk=calm.pk)
    deployments.end_deployment(calm, on=TODAY, by=cast.alice, now=NOON)
    assert shown(calm.server) == (False, 2)


def test_a_planned_deployment_counts_for_the_tier_but_is_no_use(cast: Cast, server: Server):
    deploy(cast, server, in_use_since=None, data_reached="severe")

    assert shown(server) == (False, 2)


def test_own_facts_wait_behind_deployments(cast: Cast, server: Server):
    deploy(cast, server)
    registration.set_exposure(server, facts={"autonomy": "severe"}, by=cast.alice, now=NOON)

    assert shown(server) == (True, 4)


def test_facts_of_a_deployment_move_its_server(cast: Cast, server: Server):
    deployment = deploy(cast, server)

    deployments.edit_deployment(deployment, changes={"egress": "severe"}, by=cast.alice, now=NOON)

    assert deployment.inherent_tier == 2
    assert shown(deployment.server) == (True, 2)
    event = Event.objects.get(verb="deployment.edited")
    assert event.unit_id == cast.payments.pk
    assert event.concerns_id == server.pk
    assert '"fields":["egress"]' in event.body
    assert '"server_tier":2' in event.body


@for_each(
    ("field", "value"),
    [
        ("environment", "moon"),
        ("agent", ""),
        ("in_use_since", TODAY + timedelta(days=1)),
        ("in_use_since", "2026-03-01"),
        ("personal_data", "maybe"),
        ("governance_tier", 4),
        ("governance_revision", "2026-01"),
        ("ended_on", TODAY),
        ("inherent_tier", 4),
    ],
)
def test_refuses_bad_values_and_names_the_field(cast: Cast, server: Server, field: str, value):
    with pytest.raises(Refused) as refusal:
        deploy(cast, server, **{field: value})

    assert refusal.value.field == field
    assert not Deployment.objects.exists()
    assert shown(server) == (False, 2)


def test_a_governance_tier_names_its_revision(cast: Cast, server: Server):
    with pytest.raises(Refused, match="revision"):
        deploy(cast, server, governance_tier=1)

    assert deploy(cast, server, governance_tier=1, governance_revision="draft").governance_tier == 1


def test_only_people_of_the_unit_may_deploy_and_own(cast: Cast, server: Server):
    with pytest.raises(NotPermitted):
        deploy(cast, server, by=cast.eve)
    with pytest.raises(Refused):
        deploy(cast, server, owner=cast.eve)

    assert not Deployment.objects.exists()


def test_an_agent_has_a_server_once_in_an_environment_until_that_deployment_ended(cast: Cast, server: Server):
    first = deploy(cast, server)
    with pytest.raises(Conflict) as refusal:
        deploy(cast, server)
    deployments.end_deployment(first, on=TODAY, by=cast.alice, now=NOON)
    deploy(cast, server)

    assert refusal.value.field == "agent"
    assert Deployment.objects.count() == 2


def test_an_ended_deployment_stays_as_it_was(cast: Cast, server: Server):
    deployment = deploy(cast, server)
    stale = Deployment.objects.get(pk=deployment.pk)
    deployments.end_deployment(deployment, on=TODAY, by=cast.alice, now=NOON)

    with pytest.raises(deployments.DeploymentEnded):
        deployments.end_deployment(stale, on=TODAY, by=cast.bob, now=NOON)
    with pytest.raises(deployments.DeploymentEnded):
        deployments.edit_deployment(stale, changes={"name": "Other"}, by=cast.bob, now=NOON)

    assert Event.objects.filter(verb="deployment.ended").count() == 1
    assert Deployment.objects.get().name == "Support"


@pytest.mark.parametrize("on", [TODAY + timedelta(days=1), date(2026, 1, 1)])
def test_a_deployment_ends_between_its_beginning_and_today(cast: Cast, server: Server, on: date):
    deployment = deploy(cast, server, in_use_since=date(2026, 2, 1))

    with pytest.raises(Refused) as refusal:
        deployments.end_deployment(deployment, on=on, by=cast.alice, now=NOON)

    assert refusal.value.field == "on"
    assert Deployment.objects.get().ended_on is None


def test_a_retired_server_is_not_deployed(cast: Cast, server: Server):
    lifecycle.retire(server, reason="Replaced.", by=cast.bob, now=NOON)

    with pytest.raises(deployments.ServerRetired):
        deploy(cast, server)


def test_the_cost_of_a_change_does_not_grow_with_the_deployments(cast: Cast, server: Server, django_assert_num_queries):
    one = deploy(cast, server)
    with CaptureQueriesContext(connection) as few:
        deployments.edit_deployment(one, changes={"name": "First"}, by=cast.alice, now=NOON)
    for number in range(5):
        deploy(cast, server, agent=f"Agent {number}")

    with django_assert_num_queries(len(few)):
        deployments.edit_deployment(one, changes={"name": "Second"}, by=cast.alice, now=NOON)


def test_the_tier_follows_from_what_somebody_else_has_just_changed_too(cast: Cast, server: Server):
    mine = deploy(cast, server)
    theirs = Deployment.objects.get(pk=mine.pk)
    deployments.edit_deployment(theirs, changes={"data_reached": "severe"}, by=cast.bob, now=NOON)
    deployments.edit_deployment(mine, changes={"business_criticality": "severe"}, by=cast.alice, now=NOON)
    assert Deployment.objects.get().inherent_tier == 1
    assert Server.objects.get().inherent_tier == 1


def test_a_server_that_somebody_has_just_retired_is_not_deployed(cast: Cast, server: Server):
    stale = Server.objects.get(pk=server.pk)
    Server.objects.filter(pk=server.pk).update(status=Server.Status.SUSPENDED)
    lifecycle.retire(Server.objects.get(pk=server.pk), reason="Gone.", by=cast.mia, now=NOON)
    with pytest.raises(deployments.ServerRetired):
        deploy(cast, stale)
    assert not Deployment.objects.exists()
