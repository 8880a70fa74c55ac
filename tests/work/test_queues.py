"""What waits for a person is what the step that it waits for is offered to them on."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model, QuerySet

from accounts import people
from accounts.models import Role, User
from accounts.steps import Step
from audit.context import SYSTEM
from composition.models import Statement, Suppression
from composition.statements import suppressing
from composition.statements.suppressing import CannotBeSuppressed
from controls.models import TierAcceptance
from controls.tiers import acceptances
from decisions.models import RatingOverride
from decisions.ratings import overriding
from findings import acceptance, register, remediation
from findings.models import FixClaim, RiskAcceptance
from riskregister.refusals import Refused
from scoring.scales import Severity
from tests import append_only, cast
from tests.api.caller import frozen
from tests.cast import NOON, TODAY
from tests.composition.inventories import QS
from tests.composition.test_statements import Stating
from tests.controls.test_tiers import DRAFT, Tiers
from vendors.registering import deployments
from work.in_hand import late, waiting

DAY = timedelta(days=1)


def everybody() -> Iterator[User]:
    """Yield all people, as somebody who has just signed in."""
    yield from User.objects.order_by("name")


def is_offered(step: Step[..., Any], rows: Iterable[Model], queue: Callable[[User], QuerySet[Any]]) -> dict[str, int]:
    """Return of how many rows the step is offered to each person to whom it is; the queue holds the same rows."""
    known, found = list(rows), {}
    for person in everybody():
        with frozen():
            offered = {row.pk for row in known if step.offer(row, person).may}
        assert set(queue(person).values_list("pk", flat=True)) == offered, person
        if offered:
            found[person.name] = len(offered)
    return found


class Suppressions(Stating):
    """Of a vulnerability in a server of alice: dora is an analyst too, otto approves in all units."""

    dora: User
    otto: User

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.dora = cast.person("dora", role=Role.ANALYST, unit=cls.cast.payments)
        cls.otto = cast.person("otto", role=Role.APPROVER, unit=None)

    def offered(self) -> dict[str, int]:
        rows = Suppression.objects.filter(status=Suppression.Status.PROPOSED)
        return is_offered(suppressing.accept, rows, lambda person: waiting.suppressions_to_accept(person, today=TODAY))

    def test_of_a_medium_finding_it_is_anybody_but_its_owners(self) -> None:
        self.seen()
        self.state(by=self.dora)
        assert self.offered() == {"Bob": 1, "Dora": 1, "Otto": 1}
        register.assign(self.finding(), owner=self.dora, by=self.cast.alice, now=NOON)
        assert self.offered() == {"Bob": 1, "Otto": 1}

    def test_of_a_severe_finding_it_is_who_decides_and_did_not_bring_it(self) -> None:
        self.severity = Severity.HIGH
        self.seen()
        self.state(by=self.cast.bob)
        assert self.offered() == {"Otto": 1}

    def test_of_a_finding_that_people_lowered_it_is_who_decides_too(self) -> None:
        self.severity = Severity.HIGH
        self.seen()
        self.state(by=self.dora)
        finding = self.finding()
        register.change_severity.within(finding, severity=Severity.LOW, reason="So.", by=self.otto, now=NOON)
        assert self.offered() == {"Bob": 1, "Otto": 1}

    def test_what_says_nothing_of_a_version_that_is_there_waits_for_nobody(self) -> None:
        self.seen()
        self.state(by=self.dora)
        self.says_of("6.10.0")
        assert self.offered() == {}
        self.says_of("6.10.0", QS.version)
        assert self.offered() == {"Bob": 1, "Dora": 1, "Otto": 1}

    def says_of(self, *versions: str) -> None:
        """Let the statement be of these versions."""
        with append_only.lifted(connection, Statement):
            Statement.objects.update(versions=versions)

    def test_what_does_not_count_any_more_waits_for_nobody(self) -> None:
        self.seen()
        one = self.state(by=self.dora)
        later = one.until and one.until + DAY
        assert later
        [waits] = waiting.suppressions_to_accept(self.cast.bob, today=TODAY)
        assert not waiting.suppressions_to_accept(self.cast.bob, today=later)
        with pytest.raises(CannotBeSuppressed, match="counted until"):
            suppressing.accept(waits, reason="Late.", by=self.cast.bob, now=NOON + 91 * DAY)
        with frozen(NOON + 90 * DAY):
            assert suppressing.accept.offer(waits, self.cast.bob).may
        with frozen(NOON + 91 * DAY):
            offer = suppressing.accept.offer(waits, self.cast.bob)
            assert (offer.is_possible, offer.why_not) == (False, f"{one.ref} counted until 31 May 2026. Say it anew.")
        Statement.objects.update(status=Statement.Status.WITHDRAWN, ended_at=NOON)
        assert self.offered() == {}


class LowerTiers(Tiers):
    """A desk of alice runs below its tier; otto approves in all units."""

    def test_it_is_who_decides_and_neither_asked_nor_owns_or_owned_it(self) -> None:
        bob, alice = self.people.bob, self.people.alice
        otto = cast.person("otto", role=Role.APPROVER, unit=None)
        self.run_at(1)
        acceptances.request(
            self.desk, tier=1, revision=DRAFT, reason="A pilot.", expires_on=TODAY + 90 * DAY, by=alice, now=NOON
        )
        assert self.offered() == {"Bob": 1, "Otto": 1}
        deployments.edit_deployment(self.desk, changes={"owner": bob}, by=alice, now=NOON)
        assert self.offered() == {"Otto": 1}
        deployments.edit_deployment(self.desk, changes={"owner": otto}, by=bob, now=NOON)
        assert self.offered() == {}

    def test_of_a_deployment_that_has_ended_it_waits_for_nobody(self) -> None:
        alice = self.people.alice
        self.run_at(1)
        acceptances.request(
            self.desk, tier=1, revision=DRAFT, reason="A pilot.", expires_on=TODAY + 90 * DAY, by=alice, now=NOON
        )
        assert self.offered() == {"Bob": 1}
        deployments.end_deployment(self.desk, on=TODAY, by=alice, now=NOON)
        assert self.offered() == {}

    def offered(self) -> dict[str, int]:
        return is_offered(acceptances.grant, TierAcceptance.objects.all(), waiting.lower_tiers_to_decide)


class Risks(Stating):
    """Somebody asks to live with a finding."""

    def test_it_is_who_decides_and_neither_asked_nor_owns_or_owned_it(self) -> None:
        otto = cast.person("otto", role=Role.APPROVER, unit=None)
        self.seen()
        acceptance.request(
            self.finding(), reason="So.", compensating_control="Watched.", expires_on=TODAY + 30 * DAY,
            by=self.cast.alice, now=NOON,
        )  # fmt: skip
        assert self.offered() == {"Bob": 1, "Otto": 1}
        register.assign(self.finding(), owner=self.cast.bob, by=self.cast.mia, now=NOON)
        assert self.offered() == {"Otto": 1}
        register.assign(self.finding(), owner=otto, by=self.cast.bob, now=NOON)
        assert self.offered() == {}

    def test_of_a_finding_that_was_closed_meanwhile_it_waits_for_nobody_until_that_opens_again(self) -> None:
        self.seen()
        acceptance.request(
            self.finding(), reason="So.", compensating_control="Watched.", expires_on=TODAY + 30 * DAY,
            by=self.cast.alice, now=NOON,
        )  # fmt: skip
        register.close.within(self.finding(), reason="Gone.", by=self.cast.bob, now=NOON)
        assert self.offered() == {}
        assert late.decisions(self.cast.mia, today=TODAY + 30 * DAY, limit=6) == ([], 0)
        register.reopen.within(self.finding(), reason="It is back.", by=self.cast.alice, now=NOON)
        assert self.offered() == {"Bob": 1}
        assert late.decisions(self.cast.mia, today=TODAY + 30 * DAY, limit=6)[1] == 1

    def offered(self) -> dict[str, int]:
        return is_offered(acceptance.grant, RiskAcceptance.objects.all(), waiting.acceptances_to_decide)


class Fixes(Stating):
    """Somebody claims that a finding is fixed."""

    def test_it_is_who_decides_and_neither_claimed_it_nor_owns_or_owned_it(self) -> None:
        alice, bob = self.cast.alice, self.cast.bob
        otto = cast.person("otto", role=Role.APPROVER, unit=None)
        self.seen()
        remediation.plan(self.finding(), description="Update it.", target_on=TODAY + 9 * DAY, by=alice, now=NOON)
        remediation.claim_fixed(self.finding(), note="Done.", by=bob, now=NOON)
        assert self.offered() == {"Otto": 1}
        register.assign(self.finding(), owner=otto, by=self.cast.mia, now=NOON)
        assert self.offered() == {}

    def offered(self) -> dict[str, int]:
        def queue(person: User) -> QuerySet[FixClaim]:
            return FixClaim.objects.filter(finding__in=waiting.fixes_to_verify(person))

        return is_offered(remediation.pass_fix, FixClaim.objects.all(), queue)


class Overrides(Stating):
    """Somebody asks that a rating be shown as another one."""

    def test_it_is_who_decides_and_did_not_ask(self) -> None:
        otto = cast.person("otto", role=Role.APPROVER, unit=None)
        people.give_role(otto, role=Role.MANAGER, unit=None, by=SYSTEM, now=NOON)
        overriding.request(
            self.server, residual="low", reason="So.", expires_on=TODAY + 9 * DAY,
            by=User.objects.get(pk=otto.pk), now=NOON,
        )  # fmt: skip
        assert self.offered() == {"Bob": 1}

    def offered(self) -> dict[str, int]:
        return is_offered(overriding.grant, RatingOverride.objects.all(), waiting.overrides_to_decide)


class RunOut(Tiers):
    """What was asked for until a day, and what was granted until one: offered as long as it is taken."""

    def test_nothing_is_offered_behind_its_last_day(self) -> None:
        last, alice, bob = TODAY + 9 * DAY, self.people.alice, self.people.bob
        self.run_at(1)
        asked: dict[str, Any] = {"reason": "So.", "expires_on": last, "by": alice, "now": NOON}
        risk = acceptance.request_for_server(self.server, compensating_control="Watched.", **asked)
        lower = acceptances.request(self.desk, tier=1, revision=DRAFT, **asked)
        shown = overriding.request(self.server, residual="low", **asked | {"by": self.people.mia})
        granting: list[tuple[Step[..., Any], Any]] = [
            (acceptance.grant, risk), (acceptances.grant, lower), (overriding.grant, shown),
        ]  # fmt: skip
        revoking: list[tuple[Step[..., Any], Any]] = [
            (acceptance.revoke, risk), (acceptances.revoke, lower), (overriding.revoke, shown),
        ]  # fmt: skip
        refused = "The day .+ has passed. Refuse it", "It has run out"
        for steps, sentence, more in ((granting, refused[0], {}), (revoking, refused[1], {"reason": "It is enough."})):
            for step, row in steps:
                with frozen(NOON + 9 * DAY):
                    assert step.offer(row, bob).may, step.name
                with frozen(NOON + 10 * DAY):
                    assert not step.offer(row, bob).is_possible, step.name
                    assert re.match(sentence, step.offer(row, bob).why_not)
                with pytest.raises(Refused, match=sentence):
                    step(row, by=bob, now=NOON + 10 * DAY, **more)
                if step in dict(granting):
                    step(row, by=bob, now=NOON + 9 * DAY)
