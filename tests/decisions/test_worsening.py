"""A server that agents use and that got worse than approved: told, in sight, and over with a decision."""

from datetime import timedelta
from typing import Any

from django.test import TestCase

from alerts import relay
from alerts.models import Alert
from audit.models import Event
from decisions.approvals import approvals
from decisions.models import ServerRating
from escalations import climbing, ladders
from escalations.models import Escalation
from findings import register
from findings.models import Finding
from tests.assessments import scenes
from tests.assessments.scenes import Scene, verbs
from tests.cast import NOON
from vendors import lifecycle
from vendors.models import Deployment
from vendors.models.deployment import FACTS
from vendors.registering import deployments, registration
from work import tiles
from work.in_hand import waiting

DAY = timedelta(days=1)
LOW = dict.fromkeys(FACTS, "low")


class GotWorse(TestCase):
    """A server that bob approved and agents use; a critical finding opens the day after."""

    scene: Scene

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        registration.set_exposure(cls.scene.server, facts=LOW, by=cls.scene.people.alice, now=NOON)
        cls.scene.approved()

    def use(self) -> None:
        deployments.add_deployment(
            self.scene.server, name="Desk", environment="production", agent="Desk agent", in_use_since=NOON.date(),
            by=self.scene.people.alice, now=NOON, **LOW,
        )  # fmt: skip

    def get_worse(self, severity: int = 1, at: int = 1) -> Finding:
        return register.open_by_hand(
            self.scene.server, title="Keys leaked", severity=severity, dimension="data_handling",
            by=self.scene.people.alice, now=NOON + at * DAY,
        )  # fmt: skip

    def rating(self) -> ServerRating:
        return ServerRating.objects.get(server=self.scene.server)

    def told(self, verb: str = "rating.worsened") -> dict[str, Any]:
        relay.relay(now=NOON)
        return {one.recipient.name: one for one in Alert.objects.filter(event__verb=verb)}

    def test_tells_its_approvers_managers_and_owner(self) -> None:
        self.use()
        approved_as = self.rating().residual
        self.get_worse()

        rating = self.rating()
        assert rating.worse_since == NOON + DAY
        assert rating.residual != approved_as
        title = (
            f"{self.scene.server} is approved, but got worse: {rating.residual} residual risk, "
            f"approved as {approved_as}"
        )
        told = self.told()
        assert {name: one.title for name, one in told.items()} == dict.fromkeys(("Alice", "Bob", "Mia"), title)

    def test_says_nothing_of_a_server_that_nobody_uses(self) -> None:
        self.get_worse()

        assert self.rating().worse_since is None
        assert self.told() == {}

    def test_is_told_once_and_stands_until_it_gets_better(self) -> None:
        self.use()
        finding = self.get_worse()
        register.change_due_date(
            finding, due_on=(NOON + 3 * DAY).date(), reason="Sooner.", by=self.scene.people.alice, now=NOON + 2 * DAY
        )
        assert verbs(self.scene.server).count("rating.worsened") == 1
        register.change_severity(finding, severity=4, reason="Revoked.", by=self.scene.people.bob, now=NOON + 2 * DAY)

        assert self.rating().worse_since is None
        assert verbs(self.scene.server).count("rating.recovered") == 1
        assert {one.settled_at for one in self.told().values()} == {NOON + 2 * DAY}

    def test_is_over_when_the_approval_is_withdrawn(self) -> None:
        self.use()
        self.get_worse()
        approvals.withdraw(
            self.scene.server.approvals.get(), reason="Keys leaked.", by=self.scene.people.bob, now=NOON + 2 * DAY
        )

        assert self.rating().worse_since is None

    def test_stands_on_the_home_of_who_decides_and_who_manages_and_in_the_figures(self) -> None:
        self.use()
        self.get_worse()

        people = self.scene.people.everybody
        seen = {name: list(waiting.servers_got_worse(person)) for name, person in people.items()}
        assert {name for name, rows in seen.items() if rows == [self.scene.server]} == {"bob", "mia"}
        assert not any(rows for name, rows in seen.items() if name not in {"bob", "mia"})
        assert tiles.figures(self.scene.people.mia, unit=None, today=NOON.date()).servers.got_worse == 1
        assert tiles.figures(self.scene.people.eve, unit=None, today=NOON.date()).servers.got_worse == 0

    def test_escalates_until_somebody_has_it_and_ends_with_it(self) -> None:
        self.use()
        finding = self.get_worse()
        ladder = next(one for one in ladders.every() if one.word == "got_worse")
        climbing.climb(ladder, now=NOON + 2 * DAY)
        escalation = Escalation.objects.get()
        assert (escalation.object_id, escalation.began_at) == (self.scene.server.pk, NOON + DAY)
        register.change_severity(finding, severity=4, reason="Revoked.", by=self.scene.people.bob, now=NOON + 3 * DAY)

        escalation.refresh_from_db()
        assert (escalation.status, escalation.over_at) == ("over", NOON + 3 * DAY)

    def test_escalates_an_approval_that_ended_while_agents_use_the_server(self) -> None:
        ladder = next(one for one in ladders.every() if one.word == "approval_ended")
        assert climbing.climb(ladder, now=NOON + 366 * DAY) == 0
        self.use()
        climbing.climb(ladder, now=NOON + 365 * DAY)
        assert not Escalation.objects.exists()

        climbing.climb(ladder, now=NOON + 366 * DAY)
        escalation = Escalation.objects.get()
        approval = self.scene.server.approvals.get()
        assert (escalation.object_id, escalation.severity) == (approval.pk, approval.server.inherent_tier)
        assert Event.objects.get(verb="escalation.begun").concerns_id == approval.pk

        lifecycle.suspend(approval.server, reason="To be sure.", by=self.scene.people.bob, now=NOON + 367 * DAY)
        escalation.refresh_from_db()
        assert escalation.status == "waiting"
        deployment = Deployment.objects.get(server=approval.server)
        deployments.end_deployment(
            deployment, on=(NOON + 368 * DAY).date(), by=self.scene.people.alice, now=NOON + 368 * DAY
        )
        escalation.refresh_from_db()
        assert (escalation.status, escalation.over_at) == ("over", NOON + 368 * DAY)
