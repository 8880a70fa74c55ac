"""Governance tiers: what is missing for them, lower ones that somebody accepts, and the way up."""

import html
import re
from dataclasses import asdict
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.template.loader import render_to_string
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.access import NotPermitted
from audit.models import Event
from catalogue.models import Control
from controls import statuses, tier_lists
from controls.models import TierAcceptance, TierPlan
from controls.tiers import acceptances, below, detail, measuring, missing, plans, progress, tables, units
from controls.tiers.acceptances import OwnTier, TierAcceptanceInvalid
from controls.tiers.plans import TierPlanInvalid
from findings.models import Finding
from jobs import dated
from reports.builders import tiers as paper
from riskregister.refusals import Conflict, Refused
from tests.api.caller import Caller, frozen
from tests.assessments import scenes
from tests.cast import NOON, Cast
from tests.web.signed_in import as_
from vendors.models import Deployment, Server
from vendors.registering import deployments
from vendors.tiers import Exposure
from work.in_hand import waiting

TODAY = NOON.date()
DAY = timedelta(days=1)
DRAFT, APPROVED = "draft", "approved-specification"
# What a human decides and what reaches nothing confidential: tier 1 is proposed for it.
TAME: dict[str, Any] = dict.fromkeys(
    ("tool_power", "credentials", "operator", "egress", "dependents", "business_criticality"), "low"
) | {"data_reached": "low", "autonomy": "low"}
TIER_1 = tables.load().revisions[DRAFT].tiers[1].refs


def control(ref: str) -> Control:
    return Control.objects.get(ref=ref, framework__key="finos-mi-20", framework__status="current")


class Tiers(TestCase):
    """A server of Payments that alice owns, with a desk; bob and dan approve, eve works elsewhere."""

    scene: scenes.Scene
    people: Cast
    server: Server
    desk: Deployment

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        cls.people, cls.server = cls.scene.people, cls.scene.server
        cls.desk = cls.deploy("Desk", data_reached="high")

    @classmethod
    def deploy(cls, name: str, **facts: Any) -> Deployment:
        arguments: dict[str, Any] = TAME | {"name": name, "agent": name, "environment": "production"} | facts
        return deployments.add_deployment(cls.server, **arguments, by=cls.people.alice, now=NOON)

    def run_at(self, tier: int | None, revision: str = DRAFT, *, of: Deployment | None = None) -> None:
        changes = {"governance_tier": tier, "governance_revision": revision}
        deployments.edit_deployment(of or self.desk, changes=changes, by=self.people.alice, now=NOON)

    def state(self, *refs: str, word: str = "in_place", of: Any = None, **facts: Any) -> None:
        for ref in refs:
            arguments: dict[str, Any] = {"control": control(ref), "state": word, "by": self.people.alice, "now": NOON}
            if isinstance(of, Deployment):
                statuses.state_for_deployment(of, **arguments, **facts)
            else:
                statuses.state_for_server(self.server, **arguments, **facts)

    def measured(self, row: Deployment | None = None) -> measuring.Measured:
        [found] = measuring.measure(Deployment.objects.filter(pk=(row or self.desk).pk), today=TODAY)
        return found

    def findings(self) -> dict[str, Finding]:
        rows = Finding.objects.filter(stable_key__startswith=missing.PREFIX, is_observed=True)
        return {row.stable_key.removeprefix(missing.PREFIX): row for row in rows}


class Gap(Tiers):
    """What is missing for the tiers."""

    def test_nothing_stated_is_missing_and_the_proposal_is_what_it_is_held_against_while_none_is_set(self) -> None:
        found = self.measured()
        assert (found.tier, found.aim, found.revision, found.proposal.tier) == (None, 2, APPROVED, 2)
        assert [(one.needed, one.met) for one in found.shortfalls] == [(12, 0), (24, 0), (63, 0)]
        assert found.at.effort == sum(tables.load().effort[ref] for ref in tables.load().latest.tiers[2].refs)

    def test_what_is_in_place_or_does_not_apply_counts_and_nothing_else_does(self) -> None:
        self.run_at(1)
        self.state("MI-20.T.1")
        self.state("MI-20.T.2", word="not_applicable", reason="One server alone.")
        self.state("MI-20.T.3", word="partly")
        self.state("MI-20.T.4", word="planned", due_on=TODAY + DAY)
        self.state("MI-20.2.1", word="missing")
        found = self.measured()
        refs = {row.ref for row in Control.objects.filter(pk__in=found.at.missing)}
        assert refs == {"MI-20.T.3", "MI-20.T.4", "MI-20.2.1", "MI-20.2.4", "MI-20.T.10"}
        assert (found.at.met, found.at.needed) == (2, 7)

    def test_days_of_work_that_a_status_says_take_the_place_of_those_of_the_table(self) -> None:
        self.run_at(1)
        before = self.measured().at.effort
        self.state("MI-20.T.1", word="missing", effort_days=50)
        self.state("MI-20.2.1", word="missing", effort_days=7)
        self.state("MI-20.2.1", word="partly", effort_days=1, of=self.desk)
        assert self.measured().at.effort == before + (50 - 20) + (1 - 2)

    def test_the_days_of_the_controls_add_up_to_those_of_the_gap_though_a_nearer_status_says_none(self) -> None:
        self.run_at(1)
        self.state("MI-20.T.1", word="missing", effort_days=50)
        self.state("MI-20.T.1", word="missing", of=self.desk)
        found = detail.sections(Deployment.objects.get(pk=self.desk.pk), tier=1, today=TODAY)
        lines = {line.control.ref: line for section in found for line in section.missing}
        stated = lines["MI-20.T.1"]
        assert (stated.effort, stated.is_effort_stated, stated.status and stated.status.place) == (
            50,
            True,
            "deployment",
        )
        assert sum(line.effort for line in lines.values()) == self.measured().at.effort

    def test_the_number_of_statements_does_not_grow_with_the_deployments(self) -> None:
        counts = []
        for name in ("Till", "Bank"):
            self.deploy(name)
            with CaptureQueriesContext(connection) as asked:
                measuring.measure(Deployment.objects.all(), today=TODAY)
            counts.append(len(asked))
        assert counts == [5, 5]

    def test_the_database_proposes_what_the_rules_do(self) -> None:
        levels = ("", *(level.value for level in Exposure))
        rows = Deployment.objects.annotate(tier_by_database=below.proposed())
        for inherent, autonomy, data in product((1, 2, 3, 4), levels, levels):
            facts = {"inherent_tier": inherent, "autonomy": autonomy, "data_reached": data}
            Deployment.objects.filter(pk=self.desk.pk).update(**facts)
            row: Any = rows.get(pk=self.desk.pk)
            assert row.tier_by_database == measuring.proposal_for(row).tier, facts

    def test_the_list_measures_its_rows_at_once_and_filters_by_what_is_proposed(self) -> None:
        self.run_at(1)
        self.deploy("Till")
        with CaptureQueriesContext(connection) as asked:
            rows = list(tier_lists.gap_rows(self.people.alice).order_by("number"))
            aims = [(row.name, tier_lists.gap_of(row, TODAY).aim) for row in rows]
            written = [[one.written(row, today=TODAY) for one in tier_lists.TIER_GAPS.in_file] for row in rows]
        assert (len(asked), aims) == (5, [("Desk", 1), ("Till", 1)])
        assert [line[1] for line in written] == ["Desk", "Till"]
        chosen = tier_lists.GapFilters(QueryDict("is_below=true"), tier_lists.gap_rows(self.people.alice), now=NOON).qs
        assert [row.name for row in chosen] == ["Desk"]
        assert not tier_lists.gap_rows(self.people.eve).exists()


class Findings(Tiers):
    """What is missing for the tier that a deployment runs at is a finding of its server."""

    def test_a_section_of_which_something_is_missing_is_one_finding_that_lists_it(self) -> None:
        self.run_at(2)
        found = self.findings()
        assert set(found) == {f"missing:{section}" for section in (
            "MI-20.T", "MI-20.1", "MI-20.2", "MI-20.3", "MI-20.4", "MI-20.6",
        )}  # fmt: skip
        row = found["missing:MI-20.6"]
        assert row.title == "Incident response and recovery: controls of its governance tier are not in place"
        assert f"- MI-20.6.2 Response Procedures: not known ({self.desk.ref}, tier 2)" in row.description
        assert (row.server_id, row.source) == (self.server.pk, "governance")

    def test_it_closes_when_all_of_it_is_in_place_and_is_back_when_it_is_not(self) -> None:
        self.run_at(2)
        self.state("MI-20.6.1", "MI-20.6.2")
        assert list(missing.due(now=NOON)) == [self.server]
        missing.look(self.server, now=NOON)
        assert "missing:MI-20.6" not in self.findings()
        assert not missing.due(now=NOON).exists()
        self.state("MI-20.6.2", word="missing", of=self.desk)
        missing.look(self.server, now=NOON)
        assert self.findings()["missing:MI-20.6"].status in ("open", "proposed")

    def test_what_is_planned_or_partly_there_alone_is_a_milder_one_and_named_so(self) -> None:
        self.state("MI-20.6.1", word="planned", due_on=TODAY + DAY)
        self.state("MI-20.6.2", word="partly")
        self.run_at(2)
        found = self.findings()
        severities = {key: row.get_severity_display() for key, row in found.items()}
        assert (severities["missing:MI-20.6"], severities["missing:MI-20.T"]) == ("Low", "Medium")
        text = found["missing:MI-20.6"].description
        assert f"MI-20.6.1 Incident Classification: planned ({self.desk.ref}, tier 2)" in text
        assert f"MI-20.6.2 Response Procedures: partly in place ({self.desk.ref}, tier 2)" in text

    def test_a_deployment_without_a_tier_or_that_has_ended_has_none(self) -> None:
        assert self.findings() == {}
        self.run_at(2)
        assert self.findings()
        deployments.end_deployment(self.desk, on=TODAY, by=self.people.alice, now=NOON)
        assert self.findings() == {}

    def test_in_one_revision_human_approval_is_asked_for_at_tier_1_and_in_the_other_at_tier_2(self) -> None:
        asked = []
        for revision, tier in product((DRAFT, APPROVED), (1, 2)):
            self.run_at(tier, revision)
            asked.append(control("MI-20.T.6").pk in self.measured().at.missing)
        assert asked == [False, True, True, False]


class LowerTier(Tiers):
    """A tier lower than the one proposed takes two people, and ends."""

    def setUp(self) -> None:
        self.run_at(1)

    def ask(self, **facts: Any) -> TierAcceptance:
        arguments: dict[str, Any] = {
            "tier": 1,
            "revision": DRAFT,
            "reason": "A pilot.",
            "expires_on": TODAY + 90 * DAY,
        } | facts
        return acceptances.request(self.desk, **arguments, by=self.people.alice, now=NOON)

    def test_running_below_the_proposal_is_a_finding_until_another_person_accepts_it(self) -> None:
        [row] = [row for key, row in self.findings().items() if key.startswith("below:")]
        assert row.title == f"{self.desk.ref} runs at governance tier 1, and tier 2 is proposed"
        assert row.description.startswith("It reaches confidential or personal data.")
        asked = self.ask()
        assert f"below:{self.desk.ref}" in self.findings()
        acceptances.grant(asked, by=self.people.bob, now=NOON)
        assert f"below:{self.desk.ref}" not in self.findings()
        assert Event.objects.filter(verb="tier_acceptance.granted", object_id=asked.pk).count() == 1

    def test_it_waits_on_the_home_page_of_whoever_may_decide_it_alone(self) -> None:
        people = self.people
        asked = self.ask()
        who = (people.alice, people.bob, people.mia, people.eve)
        assert [list(waiting.lower_tiers_to_decide(one)) for one in who] == [[], [asked], [], []]
        page = as_(people.bob).get("/").content.decode()
        assert reverse("web:tier-acceptance-detail", args=[asked.pk]) in page
        for owned in (Deployment.objects.filter(pk=self.desk.pk), Server.objects.filter(pk=self.server.pk)):
            owned.update(owner=people.bob)
            assert not waiting.lower_tiers_to_decide(people.bob)
            owned.update(owner=people.alice)
        acceptances.grant(asked, by=people.bob, now=NOON)
        assert not waiting.lower_tiers_to_decide(people.bob)

    def test_neither_the_requester_nor_an_owner_decides_it(self) -> None:
        asked = self.ask()
        Server.objects.filter(pk=self.server.pk).update(owner=self.people.bob)
        asked.server.refresh_from_db()
        for step, how in ((acceptances.grant, {}), (acceptances.refuse, {"note": "No."})):
            with pytest.raises(OwnTier, match="own this deployment"):
                step(asked, **how, by=self.people.bob, now=NOON)
        with pytest.raises(NotPermitted):
            acceptances.grant(asked, by=self.people.alice, now=NOON)
        asked.refresh_from_db()
        assert asked.status == "requested"

    def test_nor_does_an_owner_who_gave_the_deployment_away(self) -> None:
        bob, alice = self.people.bob, self.people.alice
        for owner, by in ((bob, alice), (alice, bob)):
            deployments.edit_deployment(self.desk, changes={"owner": owner}, by=by, now=NOON)
        asked = self.ask()
        assert not waiting.lower_tiers_to_decide(bob)
        with pytest.raises(OwnTier, match="a deployment of it, and gave that away"):
            acceptances.grant(asked, by=bob, now=NOON)

    def test_nobody_accepts_a_lower_tier_of_what_has_ended(self) -> None:
        asked = self.ask()
        deployments.end_deployment(self.desk, on=TODAY, by=self.people.alice, now=NOON)
        asked.refresh_from_db()
        with pytest.raises(below.DeploymentEnded, match="ended on"):
            acceptances.grant(asked, by=self.people.bob, now=NOON)
        acceptances.refuse(asked, note="It has ended.", by=self.people.bob, now=NOON)

    def test_when_it_ends_people_were_told_and_the_finding_is_back(self) -> None:
        acceptances.grant(self.ask(), by=self.people.bob, now=NOON)
        [declared] = [one for one in dated.every() if one.word == "tier_acceptance"]
        told = []
        for days in (59, 60, 83, 90, 91):
            dated.tell(declared, now=NOON + days * DAY)
            told.append(Event.objects.filter(verb__startswith="tier_acceptance.end").count())
        assert told == [0, 1, 2, 3, 4]
        later = NOON + 91 * DAY
        assert list(missing.due(now=later)) == [self.server]
        missing.look(self.server, now=later)
        assert self.findings()[f"below:{self.desk.ref}"].status in ("open", "proposed")

    def test_taken_back_before_its_day_the_finding_is_back(self) -> None:
        granted = acceptances.grant(self.ask(), by=self.people.bob, now=NOON)
        acceptances.revoke(granted, reason="The pilot is over.", by=self.people.bob, now=NOON)
        assert f"below:{self.desk.ref}" in self.findings()

    def test_it_covers_no_more_than_was_asked_for(self) -> None:
        acceptances.grant(self.ask(), by=self.people.bob, now=NOON)
        for changes, is_covered in (
            ({"governance_revision": APPROVED}, False),
            ({"governance_revision": DRAFT}, True),
            ({"autonomy": "severe", "tool_power": "severe", "data_reached": "severe"}, False),
        ):
            deployments.edit_deployment(self.desk, changes=changes, by=self.people.alice, now=NOON)
            assert (f"below:{self.desk.ref}" not in self.findings()) is is_covered, changes

    def test_what_contradicts_itself_is_refused_with_what_to_do(self) -> None:
        for facts, field, words in (
            ({"tier": 2}, "tier", "Tier 2 is proposed. Only a lower one needs an acceptance."),
            ({"tier": 0}, "tier", "Only a lower one"),
            ({"revision": "2026-01"}, "revision", "Name the revision"),
            ({"expires_on": TODAY - DAY}, "expires_on", "a year from now at most"),
            ({"expires_on": TODAY + 366 * DAY}, "expires_on", "a year from now at most"),
        ):
            with pytest.raises(TierAcceptanceInvalid, match=words) as refusal:
                self.ask(**facts)
            assert refusal.value.field == field
        with pytest.raises(Refused):
            self.ask(reason=" ")
        assert not TierAcceptance.objects.exists()

    def test_one_request_waits_at_a_time(self) -> None:
        self.ask()
        with pytest.raises(Conflict, match="waits already"):
            self.ask()
        assert TierAcceptance.objects.count() == 1


class WayUp(Tiers):
    """A plan from tier to tier with a day for each control that is missing."""

    def plan(self, **facts: Any) -> TierPlan:
        arguments: dict[str, Any] = {
            "to_tier": 1,
            "revision": DRAFT,
            "target_on": TODAY + 30 * DAY,
            "owner": self.people.alice,
        } | facts
        return plans.plan_for_deployment(self.desk, **arguments, by=self.people.alice, now=NOON)

    def standing(self, plan: TierPlan) -> progress.Standing:
        [found] = progress.of_plans(TierPlan.objects.filter(pk=plan.pk), today=TODAY)
        return found

    def test_whoever_plans_comes_to_the_plan(self) -> None:
        fields = {"to_tier": "2", "revision": DRAFT, "target_on": str(TODAY + 90 * DAY)}
        for route, key in (("tier-plan-deployment", self.desk.pk), ("tier-plan-server", self.server.pk)):
            with frozen():
                made = as_(self.people.alice).post(reverse(f"web:{route}", args=[key]), fields)
            plan = TierPlan.objects.get(status="under_way")
            assert (made.status_code, made["Location"]) == (302, reverse("web:tier-plan-detail", args=[plan.pk])), route
            plans.drop(plan, reason="Another way.", by=self.people.alice, now=NOON)

    def test_each_control_that_is_missing_is_a_milestone_and_progress_is_what_is_in_place(self) -> None:
        self.state("MI-20.T.1", "MI-20.T.2")
        plan = self.plan()
        assert (plan.from_tier, plan.milestones.count(), plan.milestones.filter(done_on=None).count()) == (0, 5, 5)
        found = self.standing(plan)
        assert (found.met, found.needed, found.percent) == (2, 7, 28)

    def test_the_clock_marks_what_came_into_place_and_finishes_the_plan_when_nothing_is_missing(self) -> None:
        plan = self.plan()
        assert plans.keep_up(now=NOON) == 0
        self.state("MI-20.T.1")
        assert plans.keep_up(now=NOON + DAY) == 1
        assert plan.milestones.get(control__ref="MI-20.T.1").done_on == TODAY + DAY
        self.state(*[ref for ref in TIER_1 if ref != "MI-20.T.1"])
        assert plans.keep_up(now=NOON + DAY) == 1
        plan.refresh_from_db()
        assert (plan.status, plan.milestones.filter(done_on=None).count()) == ("finished", 0)
        assert plans.keep_up(now=NOON + DAY) == 0
        assert Event.objects.filter(verb="tier_plan.finished", object_id=plan.pk).count() == 1

    def test_a_milestone_is_not_done_any_more_when_its_control_is_not_in_place_any_more(self) -> None:
        plan = self.plan()
        self.state("MI-20.T.1")
        plans.keep_up(now=NOON)
        self.state("MI-20.T.1", word="missing", of=self.desk)
        plans.keep_up(now=NOON)
        assert plan.milestones.get(control__ref="MI-20.T.1").done_on is None

    def test_a_plan_of_a_server_counts_what_is_in_place_at_all_of_its_deployments(self) -> None:
        till = self.deploy("Till")
        arguments: dict[str, Any] = {"to_tier": 1, "revision": DRAFT, "target_on": TODAY + DAY}
        plan = plans.plan_for_server(self.server, **arguments, by=self.people.alice, now=NOON)
        self.state("MI-20.T.1", of=till)
        self.state("MI-20.T.2", of=till)
        self.state("MI-20.T.2", of=self.desk)
        assert self.standing(plan).met == 1
        for row in (till, self.desk):
            deployments.end_deployment(row, on=TODAY, by=self.people.alice, now=NOON)
        plans.keep_up(now=NOON)
        plan.refresh_from_db()
        assert (plan.status, plan.drop_reason) == ("dropped", "All deployments that it was for have ended.")

    def test_a_milestone_that_is_late_is_told_once_and_again_when_it_is_moved(self) -> None:
        plan = self.plan()
        [declared] = [one for one in dated.every() if one.word == "tier_milestone"]
        told = []
        for days in (22, 23, 30, 31, 32):
            dated.tell(declared, now=NOON + days * DAY)
            told.append(Event.objects.filter(verb__in=["tier_plan.due_soon", "tier_plan.overdue"]).count())
        assert told == [0, 1, 2, 3, 3]
        late = TierPlan.objects.filter(TierPlan.overdue_on(TODAY + 31 * DAY))
        assert list(late) == [plan]
        for one in plan.milestones.all():
            plans.reschedule(
                plan, control=one.control.ref, due_on=TODAY + 60 * DAY, by=self.people.alice, now=NOON + 32 * DAY
            )
        assert not late.all().exists()
        dated.tell(declared, now=NOON + 61 * DAY)
        assert Event.objects.filter(verb="tier_plan.overdue").count() == 2

    def test_what_leads_nowhere_is_refused_with_what_to_do(self) -> None:
        self.run_at(1)
        for facts, field, words in (
            ({"to_tier": 1}, "to_tier", "It is at tier 1 already"),
            ({"to_tier": 4}, "to_tier", "Choose governance tier"),
            ({"revision": "later"}, "revision", "Name the revision"),
            ({"to_tier": 2, "target_on": TODAY - DAY}, "target_on", "Give a day from today"),
            ({"to_tier": 2, "owner": self.people.eve}, "owner", "has no role in this unit"),
        ):
            with pytest.raises(Refused, match=words) as refusal:
                self.plan(**facts)
            assert refusal.value.field == field
        self.state(*tables.load().revisions[DRAFT].tiers[2].refs)
        with pytest.raises(TierPlanInvalid, match="Nothing is missing for tier 2"):
            self.plan(to_tier=2)
        assert not TierPlan.objects.exists()

    def test_the_list_finds_those_with_a_plan_of_their_own_or_of_their_server_and_the_others(self) -> None:
        till = self.deploy("Till")

        def named(has_plan: str) -> list[str]:
            rows = tier_lists.gap_rows(self.people.alice)
            return sorted(
                row.name for row in tier_lists.GapFilters(QueryDict(f"has_plan={has_plan}"), rows, now=NOON).qs
            )

        assert (named("true"), named("false")) == ([], ["Desk", "Till"])
        plan = self.plan()
        assert (named("true"), named("false")) == (["Desk"], ["Till"])
        plans.drop(plan, reason="It goes.", by=self.people.alice, now=NOON)
        assert named("true") == []
        arguments: dict[str, Any] = {"to_tier": 2, "revision": DRAFT, "target_on": TODAY + 90 * DAY}
        plans.plan_for_server(till.server, **arguments, by=self.people.alice, now=NOON)
        assert (named("true"), named("false")) == (["Desk", "Till"], [])

    def test_the_plan_of_a_deployment_stands_before_that_of_its_server(self) -> None:
        arguments: dict[str, Any] = {"to_tier": 1, "revision": DRAFT, "target_on": TODAY + DAY}
        whole = plans.plan_for_server(self.server, **arguments, by=self.people.alice, now=NOON)
        assert detail.plan_of(self.desk) == whole
        own = self.plan()
        assert detail.plan_of(self.desk) == own

    def test_one_plan_is_under_way_at_a_time(self) -> None:
        plan = self.plan()
        with pytest.raises(Conflict, match="under way here already"):
            self.plan()
        plans.drop(plan, reason="Another server takes its place.", by=self.people.alice, now=NOON)
        assert self.plan().status == "under_way"


class Doors(Tiers):
    """What pages and the API show of it."""

    def setUp(self) -> None:
        clock = frozen()
        clock.start()
        self.addCleanup(clock.stop)

    def test_a_deployment_without_a_tier_is_shown_as_not_set_with_what_is_proposed(self) -> None:
        page = as_(self.people.alice).get(reverse("web:tier-gap-detail", args=[self.desk.pk])).content.decode()
        assert "not set, proposed 2" in page
        assert "24 of 24 controls are missing" in page
        assert "Nobody has it in hand" in page

    def test_what_is_missing_leads_to_where_it_is_stated_for_the_deployment(self) -> None:
        url = reverse("web:tier-gap-detail", args=[self.desk.pk])
        page = as_(self.people.alice).get(url).content.decode()
        found = re.findall(r'href="(/servers/[^"]+/controls/state/[^"]+)">State these', page)
        assert len(found) == len(detail.sections(self.desk, tier=2, today=TODAY))
        stated = as_(self.people.alice).get(html.unescape(found[0]))
        assert (stated.status_code, stated.context["place"].about) == (200, self.desk)
        assert "MI-20.T.1" in stated.content.decode()
        assert "State these" not in as_(self.people.carol).get(url).content.decode()

    def test_its_pages_stand_under_controls_in_the_navigation(self) -> None:
        for name, row in (("tier-gap-list", ()), ("tier-gap-detail", (self.desk.pk,)), ("tier-plan-list", ())):
            page = as_(self.people.alice).get(reverse(f"web:{name}", args=row)).content.decode()
            assert re.search(r'href="/frameworks/"[^>]*aria-current="true"', page), name

    def test_the_units_add_up_what_is_missing_once_a_server(self) -> None:
        self.deploy("Till", data_reached="high")
        [found] = units.by_unit(Deployment.objects.all(), today=TODAY)
        assert (found.deployments, found.not_set, found.complete, found.missing) == (2, 2, 0, 24)
        assert found.most_missing[0].deployments == 2
        page = as_(self.people.alice).get(reverse("web:tier-gap-units")).content.decode()
        assert "Missing most often" in page
        assert f"/gap-to-tier/?unit={self.server.unit_id}&amp;is_set=false" in page

    def test_what_is_missing_most_often_leads_to_where_it_is_missing(self) -> None:
        till = self.deploy("Till", data_reached="high")
        self.state("MI-20.T.1", of=till)
        alice, address = as_(self.people.alice), reverse("web:tier-gap-units")
        page = alice.get(address).content.decode()
        links = [html.unescape(one) for one in re.findall(r'<a href="(\?unit=[^"]+control=[^"]+)">', page)]
        assert len(links) == len(set(links)) == 10
        by_ref = {QueryDict(link[1:])["control"]: alice.get(address + link) for link in links}
        assert {answer.status_code for answer in by_ref.values()} == {200}
        assert {len(answer.context["lacking"].rows) for answer in by_ref.values()} == {2}
        of_one = {"unit": str(self.server.unit_id), "control": "MI-20.T.1"}
        assert [row.name for row in alice.get(address, of_one).context["lacking"].rows] == [self.desk.name]
        self.assertContains(
            alice.get(address, of_one), Control.objects.get(ref="MI-20.T.1", framework__status="current").title
        )

    def test_where_a_control_is_missing_is_shown_of_no_other_unit_and_of_no_other_control(self) -> None:
        address, known = reverse("web:tier-gap-units"), {"unit": str(self.server.unit_id), "control": "MI-20.T.1"}
        assert as_(self.people.eve).get(address, known).status_code == 404
        for wrong in ({"control": "MI-20.X.9"}, {"control": ""}, {"unit": "here"}, {"unit": ""}):
            assert as_(self.people.alice).get(address, known | wrong).status_code == 404

    def test_where_a_control_is_missing_nowhere_says_so(self) -> None:
        self.state("MI-20.T.1", of=self.desk)
        known = {"unit": str(self.server.unit_id), "control": "MI-20.T.1"}
        page = as_(self.people.alice).get(reverse("web:tier-gap-units"), known)
        self.assertContains(page, "It is missing nowhere")

    def test_the_units_add_up_the_days_of_what_is_missing_at_one_deployment_and_not_at_another(self) -> None:
        till = self.deploy("Till", data_reached="high")
        self.state("MI-20.T.1", "MI-20.T.2", of=till)
        self.state("MI-20.T.3", of=self.desk)
        self.state("MI-20.T.4", word="missing", effort_days=9, of=till)
        [found] = units.by_unit(Deployment.objects.all(), today=TODAY)
        whole = sum(tables.load().effort[ref] for ref in tables.load().latest.tiers[2].refs)
        assert (found.missing, found.effort) == (24, whole + 9 - tables.load().effort["MI-20.T.4"])

    def test_the_api_takes_a_request_and_a_plan_and_shows_the_gap_control_by_control(self) -> None:
        alice, bob = Caller(self.people.alice), Caller(self.people.bob)
        body = {"deployment": str(self.desk.pk), "revision": DRAFT}
        asked = alice.made("/tier-acceptances/", **body, tier=1, reason="A trial.", expires_on=str(TODAY + DAY))
        granted = bob.done(f"/tier-acceptances/{asked['id']}/grant/")
        assert (granted["state"], granted["proposed"]) == ("in_force", 2)
        plan = alice.made("/tier-plans/", **body, to_tier=1, target_on=str(TODAY + DAY))
        assert (len(plan["milestones"]), plan["progress"]) == (7, {"needed": 7, "met": 0, "percent": 0})
        gap = alice.get(f"/tier-gaps/{self.desk.pk}/").json()
        assert (gap["held_against"], gap["proposed_tier"], len(gap["controls"])) == (2, 2, 24)
        assert {one["status"] for one in gap["controls"]} == {"not_known"}

    def test_the_report_says_of_each_deployment_what_is_missing_and_how_it_stands(self) -> None:
        self.run_at(1)
        self.state("MI-20.T.1")
        self.state("MI-20.2.4", word="planned", due_on=TODAY + DAY, owner=self.people.alice)
        [entry] = paper.of(self.server, today=TODAY)
        assert (entry.tier, entry.proposed, entry.in_place) == ("1", 2, ("1 of 7", "1 of 24", "1 of 63"))
        text = " ".join(
            render_to_string("reports/assessment/tiers.html", {"governance_tiers": [asdict(entry)]}).split()
        )
        assert "Runs at governance tier 1 of the MI-20 draft; tier 2 is proposed." in text
        assert (
            '<td>MI-20.2.4</td><td>API Key Management</td><td>Planned</td><td class="num">4</td><td>Alice</td>'
            "<td>3 Mar 2026</td>"
        ) in text
        assert "<td>MI-20.T.2</td><td>List of Approved Servers</td><td>Not known</td>" in text
        assert "MI-20.T.1<" not in text
