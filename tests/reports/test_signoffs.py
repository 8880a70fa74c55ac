"""Sign-offs: one row an act, with whoever took it, in which way and when; nothing that did not happen."""

from datetime import timedelta
from io import StringIO

from django.core.management import call_command
from django.test import TestCase

from accounts import principals
from accounts.access import Capability
from accounts.models import ApiToken
from accounts.steps import every_step
from audit import context
from decisions.approvals import approval_ends, approvals
from decisions.models import Approval
from findings import acceptance
from findings.models import RiskAcceptance
from reports.builders import signoffs
from tests.assessments import scenes
from tests.assessments.scenes import Scene, in_time
from tests.cast import NOON, TODAY

Row = tuple[str, str, str, str]
# What deciders do that is no row of its own among the sign-offs, and why.
LEFT_OUT = {
    "deployment.added": "What is true of a deployment; section 2 prints it.",
    "deployment.edited": "What is true of a deployment; section 2 prints it.",
    "deployment.ended": "What is true of a deployment; section 2 prints it.",
    "due_diligence.completed": "Of a round, which no report prints.",
    "due_diligence.item_waived": "Of a round, which no report prints.",
    "due_diligence.superseded": "Of a round, which no report prints.",
    "policy.enforced": "Of a whole unit.",
    "policy.observing": "Of a whole unit.",
    "policy.retired": "Of a whole unit.",
    "policy.written": "Of a whole unit.",
    "server.approved": "The decision that it follows is a row.",
    "server.exposure_changed": "What is true of the server; section 2 prints it.",
    "share.made": "What was passed on to others.",
    "suppression.accepted": "The finding that it dismisses is a row.",
}


def test_whatever_somebody_decides_is_a_row_or_says_why_not() -> None:
    deciding = {
        verb
        for _name, step in every_step()
        if Capability.DECIDE in step.rule.capabilities
        for verb in (step.rule.verb, *step.rule.then)
    }
    assert deciding - set(signoffs.ACTS) == set(LEFT_OUT)


class SignOffs(TestCase):
    scene: Scene

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()

    def rows(self, one: Approval | RiskAcceptance) -> list[Row]:
        return [(row.act, row.who, row.way, row.at) for row in signoffs.of({one.pk})]

    def accepted(self) -> RiskAcceptance:
        people = self.scene.people
        asked = acceptance.request(
            self.scene.finding(),
            reason="Until the fix.",
            compensating_control="A wall.",
            expires_on=TODAY + timedelta(days=10),
            by=people.alice,
            now=in_time(1),
        )
        return acceptance.grant(asked, by=people.bob, now=in_time(2))

    def test_of_a_revoked_acceptance_has_the_grant_and_the_revocation_each_with_its_own(self) -> None:
        granted = self.accepted()
        acceptance.revoke(granted, reason="It was breached.", by=self.scene.people.bob, now=in_time(5))
        assert self.rows(granted) == [
            ("Acceptance granted", "Bob", "In person", "2026-03-04T12:00:00+00:00"),
            ("Acceptance revoked", "Bob", "In person", "2026-03-07T12:00:00+00:00"),
        ]

    def test_of_one_that_ran_out_name_the_register_for_the_end(self) -> None:
        granted = self.accepted()
        acceptance.record_expired(now=in_time(11))
        assert self.rows(granted) == [
            ("Acceptance granted", "Bob", "In person", "2026-03-04T12:00:00+00:00"),
            ("Acceptance expired", "The register", "By the register", "2026-03-13T12:00:00+00:00"),
        ]

    def test_of_an_approval_that_ended_too(self) -> None:
        approval = self.scene.approved(valid_until=TODAY + timedelta(days=10))
        approval_ends.tell(now=in_time(11))
        assert [row[:2] for row in self.rows(approval)] == [
            ("Decision signed", "Bob"),
            ("Approval expired", "The register"),
        ]

    def test_of_what_a_token_did_say_so_and_who_issued_it(self) -> None:
        final = self.scene.final(self.scene.ready())
        call_command("create_token", "bob@example.org", "--scope", "read", "--scope", "decide", stdout=StringIO())
        token = principals.of_token(ApiToken.objects.get())
        with context.acting(token.actor):
            approval = approvals.decide(
                final,
                decision="approve",
                reason="So.",
                valid_until=TODAY + timedelta(days=10),
                by=token,
                now=NOON,
            )
        ((_act, who, way, _at),) = self.rows(approval)
        assert (who, way) == (f"Token {token.token.name} of Bob", "By an API token, issued by create_token")
