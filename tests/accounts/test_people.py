"""Who may do what to people, tried at the steps themselves: behind them stands no door that would ask again."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import TestCase

from accounts import access, people
from accounts.models import Membership, Role, User
from accounts.sign_in import passwords
from accounts.units import units
from audit.context import Actor
from audit.models import Event
from jobs.models import Job
from riskregister.refusals import Conflict, Refused
from tests import cast
from tests.cast import NOON, Cast

pytestmark = pytest.mark.engine
PASSWORD = "correct horse battery staple"


class Administering(TestCase):
    """ada alone administers the register."""

    made: Cast

    @classmethod
    def setUpTestData(cls) -> None:
        cls.made = cast.assemble()
        passwords.set_password(cls.made.ada, password=PASSWORD, by=cls.made.ada, now=NOON)

    def setUp(self) -> None:
        self.before = Event.objects.count()

    def second_administrator(self) -> User:
        """Return somebody who administers the register too and has set a password."""
        grace = cast.person("grace", role=Role.ADMINISTRATOR, unit=None)
        passwords.set_password(grace, password=PASSWORD, by=grace, now=NOON)
        self.before = Event.objects.count()
        return grace

    def nothing_happened(self) -> bool:
        """Return whether no event was recorded since the test began."""
        return Event.objects.count() == self.before

    def test_nobody_sets_the_password_of_somebody_else(self) -> None:
        others: list[Any] = [self.made.ada, self.made.bob, AnonymousUser(), Actor("visitor", "", "Somebody")]
        for by in others:
            with pytest.raises(passwords.NotTheirPassword):
                passwords.set_password(self.made.alice, password=PASSWORD, by=by, now=NOON)
        assert not User.objects.get(pk=self.made.alice.pk).has_usable_password()
        assert self.nothing_happened()

    def test_who_is_no_administrator_administers_nothing_not_even_nameless(self) -> None:
        for by in (self.made.mia, self.made.carol, AnonymousUser(), Actor("visitor", "", "Somebody"), None):
            for step in self.administrative(by):
                with pytest.raises(access.NotPermitted):
                    step()
        assert self.nothing_happened()

    def administrative(self, by: Any) -> list[Any]:
        """Return every step of administration, taken by somebody."""
        bob, held = self.made.bob, Membership.objects.get(user=self.made.bob)
        return [
            lambda: people.invite(email="new@example.org", name="New", by=by, now=NOON),
            lambda: people.add(email="new@example.org", name="New", by=by, now=NOON),
            lambda: passwords.send_link(bob, by=by, now=NOON),
            lambda: people.edit(bob, email="b@example.org", name="Bob", by=by, now=NOON),
            lambda: passwords.record_link(bob, by=by, now=NOON),
            lambda: people.end_sessions(bob, by=by, now=NOON),
            lambda: people.give_role(bob, role="manager", unit=None, by=by, now=NOON),
            lambda: people.take_role(held, by=by, now=NOON),
            lambda: people.deactivate(bob, by=by, now=NOON),
            lambda: people.activate(bob, by=by, now=NOON),
            lambda: units.open_unit(name="New", code="new", by=by, now=NOON),
            lambda: units.rename_unit(self.made.payments, name="New", by=by, now=NOON),
        ]

    def test_who_is_invited_gets_a_mail_and_who_cannot_be_gets_none(self) -> None:
        ada = self.made.ada
        invited = people.invite(email="New@Example.org", name="New", by=ada, now=NOON)
        [job] = Job.objects.all()
        assert (job.kind, job.payload) == ("accounts.password_link", {"email": invited.email})
        for email in ("new@example.org", "nobody"):
            with pytest.raises(Refused):
                people.invite(email=email, name="Newer", by=ada, now=NOON)
        assert (Job.objects.count(), User.objects.filter(name="Newer").count()) == (1, 0)

    def test_another_link_goes_to_those_who_may_sign_in_once_in_five_minutes(self) -> None:
        ada, alice = self.made.ada, self.made.alice
        assert [passwords.send_link(alice, by=ada, now=NOON) for _ in range(2)] == [True, False]
        people.deactivate(alice, by=ada, now=NOON)
        with pytest.raises(Refused, match="sign in again first"):
            passwords.send_link(alice, by=ada, now=NOON + timedelta(hours=1))
        assert Job.objects.count() == 1

    def test_people_change_their_name_but_not_where_their_links_go(self) -> None:
        alice = self.made.alice
        people.rename(alice, name="Alice Liddell", by=alice, now=NOON)
        for email in (alice.email, "thief@example.org"):
            with pytest.raises(access.NotPermitted):
                people.edit(alice, email=email, name="Alice", by=alice, now=NOON)
        kept = User.objects.get(pk=alice.pk)
        assert (kept.name, kept.email) == ("Alice Liddell", "alice@example.org")

    def test_nobody_changes_the_name_of_somebody_else_but_as_an_administrator(self) -> None:
        others: list[Any] = [self.made.bob, self.made.ada, AnonymousUser()]
        for by in others:
            with pytest.raises(people.NotTheirName):
                people.rename(self.made.alice, name="Mallory", by=by, now=NOON)
        people.edit(self.made.alice, email="alice@example.org", name="Alice L.", by=self.made.ada, now=NOON)
        assert User.objects.get(pk=self.made.alice.pk).name == "Alice L."

    def test_an_administrator_gives_themselves_no_role_while_there_is_another(self) -> None:
        grace = self.second_administrator()
        for role in (Role.APPROVER, Role.ANALYST, Role.AUDITOR):
            with pytest.raises(people.OwnRole, match="Ask Grace"):
                people.give_role(self.made.ada, role=role, unit=self.made.payments, by=self.made.ada, now=NOON)
        assert self.nothing_happened()
        people.give_role(self.made.ada, role="auditor", unit=None, by=grace, now=NOON)
        assert access.of(self.made.ada).everywhere == {"administrator", "auditor"}

    def test_who_administers_alone_may_give_themselves_a_role_and_that_is_recorded(self) -> None:
        cast.person("invited", role=Role.ADMINISTRATOR, unit=None)  # and has not set a password yet
        people.give_role(self.made.ada, role="manager", unit=None, by=self.made.ada, now=NOON)
        event = Event.objects.get(verb="role.given", actor_id=str(self.made.ada.pk), object_id=self.made.ada.pk)
        assert '"role":"manager"' in event.body

    def test_the_last_administrator_stays(self) -> None:
        held = Membership.objects.get(user=self.made.ada)
        with pytest.raises(people.LastAdministrator):
            people.take_role(held, by=self.made.ada, now=NOON)
        with pytest.raises(people.LastAdministrator):
            people.deactivate(self.made.ada, by=self.made.ada, now=NOON)
        assert self.nothing_happened()

    def test_one_of_two_administrators_may_leave(self) -> None:
        self.second_administrator()
        people.take_role(Membership.objects.get(user=self.made.ada), by=self.made.ada, now=NOON)
        assert not access.of(User.objects.get(pk=self.made.ada.pk)).is_member

    def test_what_is_done_already_is_not_recorded_twice(self) -> None:
        bob, ada = self.made.bob, self.made.ada
        held, again = (Membership.objects.get(user=bob) for _ in range(2))
        people.take_role(held, by=ada, now=NOON)
        people.deactivate(bob, by=ada, now=NOON)
        self.before = Event.objects.count()
        for step in (
            lambda: people.take_role(again, by=ada, now=NOON),
            lambda: people.deactivate(User.objects.get(pk=bob.pk), by=ada, now=NOON),
            lambda: people.activate(self.made.carol, by=ada, now=NOON),
        ):
            with pytest.raises(Conflict):
                step()
        assert self.nothing_happened()
