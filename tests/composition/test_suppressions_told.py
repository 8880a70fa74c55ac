"""Whoever can accept that a vulnerability does not apply is told once that a statement says so, until it is settled."""

from datetime import timedelta
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Role
from alerts import relay
from alerts.models import Alert, Delivery
from audit.context import SYSTEM
from audit.models import Event
from composition.listing import Listed
from composition.models import Hit, Statement, Suppression
from composition.statements import proposing
from composition.statements import taking as statements
from findings import register
from scoring.scales import Severity
from tests import cast
from tests.cast import NOON
from tests.composition.test_statements import Stating
from tests.composition.vex_documents import not_affected

DAY = timedelta(days=1)


class Telling(Stating):
    """Of a vulnerability of medium severity in a server of Alice; Bob approves, Dora is an analyst as Alice is."""

    dora: Any

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.dora = cast.person("dora", role=Role.ANALYST, unit=cls.cast.payments)

    def told(self) -> set[str]:
        relay.relay(now=NOON)
        return {one.recipient.name for one in self.alerts().filter(settled_at__isnull=True)}

    def alerts(self) -> Any:
        return Alert.objects.filter(event__verb="suppression.proposed")

    def test_who_can_accept_it_is_told_in_the_next_digest(self) -> None:
        self.seen()
        one = self.take(not_affected())
        assert self.told() == {"Bob", "Dora"}
        [title] = set(self.alerts().values_list("title", flat=True))
        assert title == f"{one.ref} says that {self.finding()} does not apply: accept that, or fix it"
        kinds = set(self.alerts().values_list("delivery__kind", "is_action"))
        assert kinds == {(Delivery.Kind.DIGEST, True)}

    def test_nobody_is_told_of_it_twice(self) -> None:
        self.seen()
        self.take(not_affected())
        self.compare(now=NOON + DAY)
        assert Event.objects.filter(verb="suppression.proposed").count() == 1

    def test_what_appears_after_the_statement_is_told_too(self) -> None:
        self.take(not_affected())
        assert self.told() == set()
        self.seen()
        assert self.told() == {"Bob", "Dora"}

    def test_it_waits_no_more_once_it_is_accepted(self) -> None:
        self.seen()
        self.take(not_affected())
        assert self.told()
        self.accept()
        assert self.told() == set()

    def test_it_waits_no_more_once_the_statement_is_withdrawn(self) -> None:
        self.seen()
        one = self.state()
        assert self.told()
        statements.withdraw(one, reason="It does parse them.", by=self.cast.alice, now=NOON + DAY)
        assert self.told() == set()

    def test_what_another_statement_says_of_the_same_finding_still_waits(self) -> None:
        self.seen()
        one, other = self.state(), self.take(not_affected())
        told = self.told()
        statements.withdraw(one, reason="It does parse them.", by=self.cast.alice, now=NOON + DAY)
        assert self.told() == told
        statements.withdraw(other, reason="It is mistaken.", by=self.cast.alice, now=NOON + DAY)
        assert self.told() == set()

    def test_what_ended_before_anybody_was_told_of_it_waits_for_nobody(self) -> None:
        self.seen()
        statements.withdraw(self.state(), reason="It does parse them.", by=self.cast.alice, now=NOON + DAY)
        for verb in ("suppression.ended", "suppression.proposed"):
            relay.relay_one(Event.objects.get(verb=verb).pk, now=NOON)
        assert self.alerts().exists()
        assert self.told() == set()

    def test_many_are_written_in_as_many_statements_as_one(self) -> None:
        self.seen()
        made = [self.state(says="affected", justification="", action="Update it.") for _ in range(3)]
        hit = Hit.objects.select_related("server", "vulnerability", "observation__finding").get()

        def written(*some: Statement) -> int:
            for one in some:
                one.says = Statement.Says.NOT_AFFECTED
            with CaptureQueriesContext(connection) as queries:
                proposing.apply([(one, hit) for one in some], by=SYSTEM, now=NOON)
            assert Suppression.objects.filter(statement__in=some).count() == len(some)
            return sum(one["sql"].startswith("INSERT") for one in queries)

        assert written(made[0]) == written(*made[1:])

    def test_it_waits_no_more_once_the_finding_is_closed(self) -> None:
        self.seen()
        self.take(not_affected())
        assert self.told()
        register.close.within(self.finding(), reason="Gone.", by=self.cast.bob, now=NOON)
        assert self.told() == set()

    def test_what_nobody_can_accept_is_not_told(self) -> None:
        self.seen(*(Listed(ref=f"qs@{one}", name="qs", version=one, ecosystem="npm") for one in ("6.11.0", "6.2.0")))
        self.take(not_affected(products=[{"@id": "pkg:npm/qs@6.11.0"}]))
        assert self.told() == set()
        assert Suppression.objects.get().status == "proposed"


class TellingOfSevere(Telling):
    """Of a critical one whoever decides is told, but not who brought the statement."""

    severity = Severity.CRITICAL

    def test_who_can_accept_it_is_told_in_the_next_digest(self) -> None:
        self.seen()
        self.state(by=self.cast.bob)
        cast.person("otto", role=Role.APPROVER, unit=self.cast.payments)
        assert self.told() == {"Otto"}

    def test_what_appears_after_the_statement_is_told_too(self) -> None:
        self.take(not_affected())
        self.seen()
        assert self.told() == {"Bob"}
