"""What decides, or gives somebody rights, is signed: a browser session alone does not take it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from accounts import people, signing, tokens
from accounts.access import Capability
from accounts.models import Role, User
from accounts.principals import of_token
from accounts.steps import every_step
from assessments import lifecycle
from audit.models import Event
from decisions.approvals import approvals
from decisions.ratings import overriding
from findings import acceptance, register, remediation
from tests.assessments import scenes
from tests.assessments.scenes import Scene
from tests.cast import NOON, TODAY
from vendors import lifecycle as server_lifecycle

pytestmark = pytest.mark.django_db

SIGNING = {Capability.DECIDE, Capability.ADMINISTER}
# What is not signed though deciders or administrators take it: it stops something, or gives nobody rights.
UNSIGNED = {
    "accounts.people.add",
    "accounts.people.end_sessions",
    "accounts.people.invite",
    "accounts.tokens.revoke",
    "accounts.units.units.open_unit",
    "accounts.units.units.rename_unit",
    "alerts.delivery.deliveries.retry",
    "escalations.acknowledging.acknowledge",
    "feeds.asking.run_now",
    "feeds.asking.take_file",
    "feeds.managing.add",
    "feeds.managing.change",
    "feeds.managing.switch_off",
    "feeds.managing.switch_on",
    "vendors.lifecycle.suspend",
    "work.retries.retry",
}


def test_every_step_that_decides_or_administers_is_signed_or_says_why_not() -> None:
    deciding = {name: step for name, step in every_step() if SIGNING.intersection(step.rule.capabilities)}
    assert len(deciding) > 30
    assert {name for name, step in deciding.items() if step.rule.unsigned} == UNSIGNED
    assert {name for name, step in every_step() if step.rule.unsigned} == UNSIGNED


@pytest.fixture
def scene() -> Scene:
    return scenes.set_up()


def finalising(scene: Scene) -> Callable[..., object]:
    draft = scene.draft()
    lifecycle.submit(draft, by=scene.people.alice, now=NOON)
    return lambda by: lifecycle.finalise(draft, by=by, now=NOON)


def withdrawing(scene: Scene) -> Callable[..., object]:
    approval = scene.approved()
    return lambda by: approvals.withdraw(approval, reason="No.", by=by, now=NOON)


def resuming(scene: Scene) -> Callable[..., object]:
    server = scene.approved().server
    server_lifecycle.suspend(server, reason="Look.", by=scene.people.mia, now=NOON)
    return lambda by: approvals.resume_server(server, by=by, now=NOON)


def passing(scene: Scene) -> Callable[..., object]:
    claim = scene.claimed(scene.finding())
    return lambda by: remediation.pass_fix(claim, note="Seen.", by=by, now=NOON)


def granting(scene: Scene) -> Callable[..., object]:
    asked = acceptance.request(
        scene.finding(), reason="R.", compensating_control="C.", expires_on=TODAY, by=scene.people.alice, now=NOON
    )
    return lambda by: acceptance.grant(asked, by=by, now=NOON)


def overriding_it(scene: Scene) -> Callable[..., object]:
    asked = overriding.request(
        scene.server, residual="low", reason="R.", expires_on=TODAY + timedelta(9), by=scene.people.mia, now=NOON
    )
    return lambda by: overriding.grant(asked, note="", by=by, now=NOON)


def lowering(scene: Scene) -> Callable[..., object]:
    finding = scene.finding()
    return lambda by: register.change_severity(finding, severity=4, reason="Less.", by=by, now=NOON)


@pytest.mark.parametrize(
    "act", [finalising, withdrawing, resuming, passing, granting, overriding_it, lowering], ids=lambda act: act.__name__
)
def test_a_session_decides_with_the_password_and_not_without(scene: Scene, act: Callable[..., Any]) -> None:
    take = act(scene)
    approver = User.objects.get(pk=scene.people.bob.pk)
    signing.begin(approver)
    before = Event.objects.count()

    with pytest.raises(signing.PasswordNeeded) as refusal:
        take(approver)
    assert refusal.value.field == "password"
    assert Event.objects.count() == before

    signing.sign(approver)
    take(approver)
    assert Event.objects.count() > before


def test_a_session_gives_no_role_without_the_password(scene: Scene) -> None:
    ada = User.objects.get(pk=scene.people.ada.pk)
    signing.begin(ada)
    given: dict[str, Any] = {"role": Role.APPROVER, "unit": scene.people.payments, "by": ada, "now": NOON}
    with pytest.raises(signing.PasswordNeeded):
        people.give_role(scene.people.alice, **given)
    assert not scene.people.alice.memberships.filter(role=Role.APPROVER).exists()


def test_a_token_with_the_scope_needs_none(scene: Scene) -> None:
    bob = scene.people.bob
    made, _key = tokens.issue(bob, name="CI", scopes=["write", "decide"], lifetime=timedelta(9), by=bob, now=NOON)
    finding = scene.finding()
    register.change_severity(finding, severity=4, reason="Less.", by=of_token(made), now=NOON)
    assert finding.severity == 4


def test_an_analyst_who_can_only_raise_a_severity_or_dismiss_a_proposal_gives_none(scene: Scene) -> None:
    finding = scene.finding()
    alice, bob = scene.people.alice, scene.people.bob
    steps = (register.change_severity, register.change_due_date)
    assert [step.is_signed(finding, alice) for step in steps] == [False, False]
    assert [step.is_signed(finding, bob) for step in steps] == [True, True]
    assert register.dismiss.is_signed(finding, bob)
    finding.status = "proposed"
    assert not register.dismiss.is_signed(finding, bob)


def test_to_stop_needs_none(scene: Scene) -> None:
    server = scene.approved().server
    mia = User.objects.get(pk=scene.people.mia.pk)
    signing.begin(mia)
    server_lifecycle.suspend(server, reason="Now.", by=mia, now=NOON)
    assert server.status == "suspended"
