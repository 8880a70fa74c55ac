"""Due diligence: begun from a published list, done by some, completed by another, and it runs out."""

import json
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import TestCase
from jsonschema import Draft202012Validator

from assurance import following, rounds, templates
from assurance.models import DueDiligence, DueDiligenceItem
from assurance.rounds import DueDiligenceInvalid, ItemsOpen, OwnRound
from audit.models import Event
from findings.models import Finding
from jobs import dated
from riskregister.refusals import Conflict, Refused
from tests import cast
from tests.assurance.made import DAY, a_round, complete, looked_at, told_by
from tests.cast import NOON, TODAY, Cast
from tests.tables import for_each
from vendors.models import Kind, Vendor


class Rounds(TestCase):
    """A critical vendor that alice looks at."""

    people: Cast
    vendor: Vendor

    @classmethod
    def setUpTestData(cls) -> None:
        cls.people = cast.assemble()
        cls.vendor = cast.a_vendor(cls.people, criticality="critical")

    def gaps(self) -> set[str]:
        rows = Finding.objects.filter(vendor=self.vendor, is_observed=True)
        return {key.removeprefix("assurance:due_diligence:") for key in rows.values_list("stable_key", flat=True)}

    def item(self, made: DueDiligence, key: str) -> DueDiligenceItem:
        return made.items.get(key=key)

    def test_it_begins_with_what_fits_the_vendor(self) -> None:
        made = rounds.start(self.vendor, by=self.people.alice, now=NOON)
        keys = list(made.items.values_list("key", flat=True))
        assert {"identity", "finances", "secure_development"} <= set(keys)
        assert "data_provenance" not in keys
        assert (made.weight, made.weight_reason) == (1, "Its criticality is critical.")
        assert {item.state(today=TODAY) for item in made.items.all()} == {"open"}

    def test_of_a_minor_vendor_less_is_asked(self) -> None:
        minor = cast.a_vendor(self.people, "Small Ltd", criticality="low")
        made = rounds.start(minor, by=self.people.alice, now=NOON)
        assert list(made.items.values_list("key", flat=True)) == [
            "identity", "sanctions", "processing_terms", "training_on_data", "incident_history",
        ]  # fmt: skip

    def test_one_round_is_open_at_a_time(self) -> None:
        rounds.start(self.vendor, by=self.people.alice, now=NOON)
        with pytest.raises(Conflict, match="open already"):
            rounds.start(self.vendor, by=self.people.alice, now=NOON)

    def test_it_is_complete_once_all_was_looked_at_and_by_another_person(self) -> None:
        made = rounds.start(self.vendor, by=self.people.alice, now=NOON)
        for item in list(made.items.all())[1:]:
            looked_at(item, self.people)
        with pytest.raises(ItemsOpen, match="Who the vendor is"):
            rounds.complete(made, conclusion="Fine.", by=self.people.bob, now=NOON)
        looked_at(self.item(made, "identity"), self.people, by=self.people.bob)
        with pytest.raises(OwnRound):
            rounds.complete(made, conclusion="Fine.", by=self.people.bob, now=NOON)
        rita = cast.person("rita", role="approver", unit=self.people.payments)
        rounds.complete(made, conclusion="Fine.", by=rita, now=NOON)
        assert (made.status, made.completed_by, made.next_due_on) == ("complete", rita, TODAY.replace(year=2027))

    def test_the_database_refuses_whoever_looked(self) -> None:
        made = a_round(self.people, self.vendor)
        completed = {"status": "complete", "completed_on": TODAY, "next_due_on": TODAY}
        with pytest.raises(IntegrityError, match="whoever_completes_a_round_recorded_none_of_it"):
            DueDiligence.objects.filter(pk=made.pk).update(completed_by=self.people.alice, **completed)

    def test_what_cannot_be_found_is_refused(self) -> None:
        item = self.item(rounds.start(self.vendor, by=self.people.alice, now=NOON), "owners")
        for wrong, field in (
            (dict[str, Any](outcome="fine"), "outcome"),
            ({"outcome": "unsatisfactory", "note": ""}, "note"),
            ({"looked_on": TODAY + DAY}, "looked_on"),
            ({"valid_until": TODAY - DAY}, "valid_until"),
            ({"valid_until": date.max}, "valid_until"),
            ({"looked_on": date.min}, "looked_on"),
        ):
            outcome: dict[str, Any] = {"outcome": "satisfactory", "looked_on": TODAY} | wrong
            with self.subTest(field), pytest.raises(Refused) as refusal:
                rounds.record(item, **outcome, by=self.people.alice, now=NOON)
            assert refusal.value.field == field
        item.refresh_from_db()
        assert item.outcome == ""

    def test_what_was_found_wanting_is_a_finding_of_the_vendor_once_it_is_complete(self) -> None:
        made = a_round(self.people, self.vendor, owners="unsatisfactory", finances="concerns", ethics="not_known")
        assert self.gaps() == set()
        rounds.complete(made, conclusion="With care.", by=self.people.bob, now=NOON)
        assert self.gaps() == {"owners", "ethics"}
        severities = dict(Finding.objects.values_list("stable_key", "severity"))
        assert severities == {"assurance:due_diligence:owners": 2, "assurance:due_diligence:ethics": 4}

    def test_the_next_round_closes_what_is_better_and_supersedes_the_last(self) -> None:
        first = complete(self.people, self.vendor, owners="unsatisfactory")
        second = complete(self.people, self.vendor, now=NOON + DAY)
        first.refresh_from_db()
        assert (first.status, second.status, self.gaps()) == ("superseded", "complete", set())
        assert Finding.objects.get().status == "closed"

    def test_a_waiver_is_an_approvers_and_ends(self) -> None:
        made = rounds.start(self.vendor, by=self.people.alice, now=NOON)
        insurance = self.item(made, "insurance")
        for item in made.items.exclude(key="insurance"):
            looked_at(item, self.people)
        with pytest.raises(Exception, match="roles do not let you"):
            rounds.waive(insurance, until=TODAY + 30 * DAY, reason="It is new.", by=self.people.alice, now=NOON)
        for until in (TODAY, TODAY + 400 * DAY):
            with pytest.raises(DueDiligenceInvalid, match="within a year"):
                rounds.waive(insurance, until=until, reason="It is new.", by=self.people.bob, now=NOON)
        rita = cast.person("rita", role="approver", unit=self.people.payments)
        rounds.waive(insurance, until=TODAY + 30 * DAY, reason="It is new.", by=rita, now=NOON)
        rounds.complete(made, conclusion="Fine.", by=self.people.bob, now=NOON)
        assert self.gaps() == set()
        assert following.sweep(now=NOON + 30 * DAY) == 0
        assert following.sweep(now=NOON + 31 * DAY) == 1
        assert self.gaps() == {"insurance"}
        waiver = told_by("waiver")
        assert dated.tell(waiver, now=NOON + 31 * DAY) == 1
        assert Event.objects.get(verb="due_diligence_item.waiver_ended").object_id == insurance.pk

    def test_whoever_waives_does_not_complete_and_whoever_looked_does_not_waive(self) -> None:
        made = rounds.start(self.vendor, by=self.people.alice, now=NOON)
        for item in made.items.all():
            rounds.waive(item, until=TODAY + 300 * DAY, reason="Later.", by=self.people.bob, now=NOON)
        with pytest.raises(OwnRound, match="or waived it"):
            rounds.complete(made, conclusion="Fine.", by=self.people.bob, now=NOON)
        completed = {"status": "complete", "completed_on": TODAY, "next_due_on": TODAY}
        with pytest.raises(IntegrityError, match="whoever_completes_a_round_waived"), transaction.atomic():
            DueDiligence.objects.filter(pk=made.pk).update(completed_by=self.people.bob, **completed)
        rita = cast.person("rita", role="approver", unit=self.people.payments)
        rounds.complete(made, conclusion="Nothing was looked at yet.", by=rita, now=NOON)

        later = rounds.start(self.vendor, by=self.people.alice, now=NOON)
        for item in later.items.all():
            looked_at(item, self.people, by=rita, outcome="unsatisfactory")
        rounds.complete(later, conclusion="Badly.", by=self.people.bob, now=NOON)
        insurance = self.item(later, "insurance")
        with pytest.raises(OwnRound, match="You looked at this"):
            rounds.waive(insurance, until=TODAY + DAY, reason="So.", by=rita, now=NOON)
        # Who completed it may: another person looked.
        rounds.waive(insurance, until=TODAY + DAY, reason="So.", by=self.people.bob, now=NOON)

    def test_what_was_found_ends_a_waiver(self) -> None:
        made = a_round(self.people, self.vendor)
        owners = self.item(made, "owners")
        rounds.waive(owners, until=TODAY + 30 * DAY, reason="It is new.", by=self.people.bob, now=NOON)
        looked_at(owners, self.people, outcome="unsatisfactory")
        rounds.complete(made, conclusion="With care.", by=self.people.bob, now=NOON)
        owners.refresh_from_db()
        assert (owners.waived_until, self.gaps()) == (None, {"owners"})

    def test_until_when_what_was_found_counts_is_told_ahead_and_when_it_has_passed(self) -> None:
        made = a_round(self.people, self.vendor)
        looked_at(self.item(made, "insurance"), self.people, valid_until=TODAY + 30 * DAY)
        told = told_by("due diligence item")
        for days, verb in ((0, "ending"), (1, ""), (31, "ended")):
            assert dated.tell(told, now=NOON + days * DAY) == bool(verb)
            assert not verb or Event.objects.filter(verb=f"due_diligence_item.{verb}").count() == 1

    def test_what_ran_out_and_a_round_that_is_overdue_are_findings(self) -> None:
        made = a_round(self.people, self.vendor)
        looked_at(self.item(made, "insurance"), self.people, valid_until=TODAY + 10 * DAY)
        rounds.complete(made, conclusion="Fine.", by=self.people.bob, now=NOON)
        following.sweep(now=NOON + 11 * DAY)
        assert self.gaps() == {"insurance"}
        following.sweep(now=NOON + 366 * DAY)
        assert self.gaps() == {"insurance", "overdue"}

    def test_its_next_day_is_told_ahead_and_when_it_has_passed(self) -> None:
        complete(self.people, self.vendor)
        told = told_by("due diligence")
        for days, verb in ((300, ""), (336, "due_diligence.due_soon"), (366, "due_diligence.overdue")):
            assert dated.tell(told, now=NOON + days * DAY) == bool(verb)
            assert not verb or Event.objects.filter(verb=verb).count() == 1

    def test_a_round_that_is_given_up_counts_for_nothing(self) -> None:
        made = a_round(self.people, self.vendor, owners="unsatisfactory")
        rounds.cancel(made, reason="The vendor is not taken.", by=self.people.alice, now=NOON)
        assert (made.status, self.gaps()) == ("cancelled", set())
        assert rounds.start(self.vendor, by=self.people.alice, now=NOON).status == "open"


def test_the_published_list_fits_its_schema() -> None:
    schema = json.loads((templates.FOLDER / "due-diligence.schema.json").read_text(encoding="utf-8"))
    data = json.loads(json.dumps(templates.data()))
    assert [error.message for error in Draft202012Validator(schema).iter_errors(data)] == []
    keys = [item.key for item in templates.load().items]
    assert len(keys) == len(set(keys)) == 24
    assert {kind for item in templates.load().items for kind in item.kinds} <= set(Kind.values)


@for_each("rank, months", [(1, 12), (2, 12), (3, 24), (4, 36)])
def test_the_less_depends_on_a_vendor_the_later_the_next_round(rank: int, months: int) -> None:
    assert templates.load().months[rank] == months
