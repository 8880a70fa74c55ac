"""Every state of everything that has a lifecycle against every step: the legal ones pass, all others change nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar

from django.apps import apps
from django.db import connection, models, transaction
from django.test import TestCase

from alerts import posting, relay
from alerts.channels import managing as channels
from alerts.delivery import deliveries
from alerts.models import AlertRule, Channel, Delivery, Message
from alerts.rules import writing
from assessments import lifecycle, snapshots
from assessments.answers import answering, scored_lines
from assessments.models import Assessment
from assurance import certificates, rounds
from assurance.models import Certificate, DueDiligence, DueDiligenceItem
from audit.models import Event
from composition import hits
from composition.comparison import comparing
from composition.inventories import taking as inventory
from composition.models import Hit, Inventory, Statement, Suppression
from composition.statements import suppressing
from composition.statements import taking as statements
from containment import policies
from containment.models import Policy
from contracts.agreements import agreeing, clauses
from contracts.agreements import lifecycle as contract_steps
from contracts.models import Contract
from controls.models import TierAcceptance, TierPlan
from controls.tiers import acceptances as tiers
from controls.tiers import plans as tier_plans
from decisions.approvals import approvals
from decisions.models import Approval, RatingOverride, Review
from decisions.ratings import overriding
from decisions.reviews import reassessment, reviews
from discovery import triage as uses
from discovery.models import UnapprovedUse
from escalations import acknowledging
from escalations.models import Escalation
from exits import plans
from exits.models import ExitPlan
from feeds import asking as feed_asking
from feeds import managing, taking
from feeds.models import Feed, FeedRun
from findings import acceptance, register, remediation
from findings.models import Finding, FixClaim, RiskAcceptance
from inspection import inspecting
from intake import asking, triage
from intake.models import ServerRequest
from intelligence import watching
from intelligence.models import WatchEntry
from jobs.models import Job
from landscape import processes, shared_services, use_cases
from landscape.models import BusinessProcess, SharedService, UseCase, UseCaseDeployment, UseCaseProcess
from monitoring import applying
from monitoring.models import Run
from monitoring.observed import Look
from reports import issuing, requests
from reports.models import Report
from riskregister.ids import uuid7
from riskregister.refusals import Conflict, Refused
from riskregister.transitions import IllegalTransition
from scoring.scales import Severity
from tests import append_only, cast
from tests.assessments import scenes
from tests.assurance import made as assured
from tests.cast import NOON, TODAY, Cast
from tests.composition import advisories, inventories
from tests.discovery import reports
from tests.feeds import notes
from vendors import lifecycle as vendor_lifecycle
from vendors.models import Server, Vendor
from vendors.registering import deployments, importing
from work import retries

# In what other states than their first one rows begin.
BORN_AS: Mapping[type[models.Model], tuple[str, ...]] = {Finding: ("proposed",), Statement: ("rejected",)}
A_MONTH = TODAY + timedelta(days=30)
Row = Any
# A step gets the row and returns what is then done to it, so that what it needs is there before anything is counted.
Step = Callable[[Row], Callable[[], object]]


@dataclass(frozen=True)
class Taken:
    """A step, where it leads from each state in which it is legal, and how it is refused in all others."""

    step: Step
    leads: Mapping[str, str]
    refusals: tuple[type[Exception], ...] = (IllegalTransition,)


@dataclass(frozen=True)
class Life:
    """A row in its first state, what its other states need beside the word, and all of its steps."""

    row: models.Model
    steps: Mapping[str, Taken]
    needs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def same(*states: str) -> dict[str, str]:
    """Return that a step leaves each of these states as it is."""
    return {state: state for state in states}


def all_to(to: str, *states: str) -> dict[str, str]:
    """Return that a step leads from each of these states to one."""
    return dict.fromkeys(states, to)


class EveryStateAndEveryStep(TestCase):
    """The cast with one of everything; alice asks and works, bob decides."""

    scene: ClassVar[scenes.Scene]
    people: ClassVar[Cast]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        cls.people = cls.scene.people

    def try_all(self, life: Life) -> None:
        """Take each step from each state in a savepoint of its own."""
        model = type(life.row)
        for state in states_of(model):
            for name, taken in life.steps.items():
                with self.subTest(state=state, step=name), transaction.atomic():
                    self._try(model, life, state, taken)
                    transaction.set_rollback(True)

    def _try(self, model: type[models.Model], life: Life, state: str, taken: Taken) -> None:
        rows = model._base_manager.filter(pk=life.row.pk)
        with append_only.lifted(connection, model):
            rows.update(status=state, **life.needs.get(state, {}))
        step = taken.step(rows.get())
        before, events = rows.values().get(), Event.objects.count()
        to = taken.leads.get(state)
        if to is not None:
            step()
            assert rows.values_list("status", flat=True).get() == to
            return
        try:
            with transaction.atomic():
                step()
        except taken.refusals:
            pass
        else:
            self.fail("The step was taken.")
        assert rows.values().get() == before
        assert Event.objects.count() == events

    # What people and machines depend on

    def test_vendors(self) -> None:
        def alice(step: Callable[..., object]) -> Step:
            return lambda row: lambda: step(row, reason="So.", by=self.people.alice, now=NOON)

        step = vendor_lifecycle
        steps = {
            "activate": Taken(alice(step.activate), all_to("active", "prospective", "offboarding")),
            "start offboarding": Taken(alice(step.start_offboarding), {"active": "offboarding"}),
            "offboard": Taken(alice(step.offboard), all_to("offboarded", "prospective", "offboarding")),
            "prospect": Taken(alice(step.prospect), {"offboarded": "prospective"}),
        }
        vendor = cast.a_vendor(self.people, "Nobody's")
        self.try_all(Life(vendor, steps))

    def test_servers(self) -> None:
        bob, release = self.people.bob, self.scene.server.releases.get()
        how: dict[str, Any] = {"by": bob, "now": NOON}
        with_reason = how | {"reason": "So."}
        step = vendor_lifecycle
        steps = {
            "request again": Taken(
                lambda row: lambda: step.request_again(row, **how), all_to("requested", "rejected", "retired")
            ),
            "review": Taken(lambda row: lambda: step.start_review(row, **how), {"requested": "in_review"}),
            "approve": Taken(
                lambda row: lambda: step.approve(row, release, **how),
                all_to("approved", "in_review", "approved", "suspended"),
            ),
            "reject": Taken(
                lambda row: lambda: step.reject(row, **with_reason),
                all_to("rejected", "in_review", "approved", "suspended"),
            ),
            "suspend": Taken(lambda row: lambda: step.suspend(row, **with_reason), {"approved": "suspended"}),
            "resume": Taken(lambda row: lambda: step.resume(row, **how), {"suspended": "approved"}),
            "retire": Taken(
                lambda row: lambda: step.retire(row, **with_reason),
                all_to("retired", "requested", "approved", "suspended"),
            ),
        }
        pinned = {"pinned_release": release}
        self.try_all(Life(self.scene.server, steps, {"approved": pinned, "suspended": pinned}))

    # Judgements and decisions

    def test_assessments(self) -> None:
        alice, bob = self.people.alice, self.people.bob
        draft = self.scene.draft()
        answer = draft.answers.order_by("question__position")[0]
        digest = answering.answers_digest(draft, scored_lines.answers_of(draft))
        submitted = {"submitted_by": alice, "submitted_at": NOON, "answers_digest": digest}
        final = submitted | {"finalised_by": bob, "finalised_at": NOON}
        steps = {
            "answer": Taken(
                lambda row: (
                    lambda: answering.answer(answer, choice="dont_know", version=answer.version, by=alice, now=NOON)
                ),
                same("draft"),
                (answering.AssessmentNotOpen,),
            ),
            "assign": Taken(
                lambda row: lambda: lifecycle.assign(row, assignee=bob, by=alice, now=NOON),
                same("draft"),
                (answering.AssessmentNotOpen,),
            ),
            "submit": Taken(lambda row: lambda: lifecycle.submit(row, by=alice, now=NOON), {"draft": "submitted"}),
            "give back": Taken(
                lambda row: lambda: lifecycle.return_to_draft(row, reason="So.", by=bob, now=NOON),
                {"submitted": "draft"},
            ),
            "cancel": Taken(
                lambda row: lambda: lifecycle.cancel(row, reason="So.", by=alice, now=NOON), {"draft": "cancelled"}
            ),
            "finalise": Taken(lambda row: lambda: lifecycle.finalise(row, by=bob, now=NOON), {"submitted": "final"}),
            "decide": Taken(
                self._rejecting,
                all_to("final", "submitted", "final"),
            ),
        }
        needs = {"submitted": submitted, "final": final, "superseded": final}
        self.try_all(Life(draft, steps, needs))

    def _rejecting(self, assessment: Assessment) -> Callable[[], object]:
        if assessment.status == Assessment.Status.FINAL:
            snapshots.take(assessment, scored_lines.answers_of(assessment), now=NOON)
        return lambda: approvals.decide(assessment, decision="reject", reason="So.", by=self.people.bob, now=NOON)

    def test_approvals(self) -> None:
        steps = {
            "withdraw": Taken(
                lambda row: lambda: approvals.withdraw(row, reason="So.", by=self.people.bob, now=NOON),
                {"granted": "withdrawn"},
            ),
        }
        self.try_all(Life(self.scene.approved(), steps))

    def test_reviews(self) -> None:
        bob, mia = self.people.bob, self.people.mia
        steps = {
            "assign": Taken(
                lambda row: lambda: reviews.assign(row, assignee=bob, by=mia, now=NOON), same("scheduled", "open")
            ),
            "assess": Taken(
                lambda row: lambda: reassessment.start(row, by=bob, now=NOON), all_to("open", "scheduled", "open")
            ),
            "skip": Taken(
                lambda row: lambda: reviews.skip(row, reason="So.", by=mia, now=NOON),
                all_to("skipped", "scheduled", "open"),
            ),
        }
        review = reviews.schedule_next(self.scene.server, after=TODAY, now=NOON)
        self.try_all(Life(review, steps, {"skipped": {"skip_reason": "So."}}))

    def test_overrides(self) -> None:
        bob, mia = self.people.bob, self.people.mia
        self.scene.final()
        override = overriding.request(
            self.scene.server, residual="low", reason="So.", expires_on=A_MONTH, by=mia, now=NOON
        )
        noted: dict[str, Any] = {"note": "So.", "by": bob, "now": NOON}
        steps = {
            "grant": Taken(lambda row: lambda: overriding.grant(row, **noted), {"requested": "granted"}),
            "refuse": Taken(lambda row: lambda: overriding.refuse(row, **noted), {"requested": "refused"}),
            "revoke": Taken(
                lambda row: lambda: overriding.revoke(row, reason="So.", by=bob, now=NOON), {"granted": "revoked"}
            ),
        }
        self.try_all(Life(override, steps))

    # Findings and what is done about them

    def test_findings(self) -> None:
        finding = self.scene.finding()
        Finding.objects.filter(pk=finding.pk).update(owner=None)
        self.try_all(
            Life(
                finding, self._steps_of_findings(), {"closed": {"closed_at": NOON}, "dismissed": {"dismissed_at": NOON}}
            )
        )

    def _steps_of_findings(self) -> dict[str, Taken]:
        alice, bob = self.people.alice, self.people.bob
        by_alice: dict[str, Any] = {"by": alice, "now": NOON}
        by_bob: dict[str, Any] = {"reason": "So.", "by": bob, "now": NOON}
        fixed, unsettled = Finding.BEING_FIXED, Finding.UNSETTLED
        return {
            "confirm": Taken(lambda row: lambda: register.confirm(row, **by_alice), {"proposed": "open"}),
            "dismiss": Taken(
                lambda row: lambda: register.dismiss(row, **by_bob), all_to("dismissed", "proposed", "open")
            ),
            "close": Taken(lambda row: lambda: register.close(row, **by_bob), all_to("closed", "open", "accepted")),
            "reopen": Taken(lambda row: lambda: register.reopen(row, **by_bob), all_to("open", "closed", "dismissed")),
            "assign": Taken(
                lambda row: lambda: register.assign(row, owner=alice, **by_alice), same("proposed", *unsettled)
            ),
            "severity": Taken(
                lambda row: lambda: register.change_severity(row, severity=1, **by_bob), same("proposed", *unsettled)
            ),
            "due date": Taken(
                lambda row: lambda: register.change_due_date(row, due_on=A_MONTH, **by_bob), same(*fixed)
            ),
            "plan": Taken(
                lambda row: lambda: remediation.plan(row, description="So.", target_on=A_MONTH, **by_alice),
                all_to("remediating", "open", "remediating"),
            ),
            "claim": Taken(
                lambda row: (
                    lambda: remediation.claim_fixed(row, note="So.", new_option_key="public_commit", **by_alice)
                ),
                {"remediating": "awaiting_verification"},
            ),
            "pass": Taken(self._judging(remediation.pass_fix), {"awaiting_verification": "closed"}),
            "fail": Taken(self._judging(remediation.fail_fix), {"awaiting_verification": "remediating"}),
            "ask to accept": Taken(lambda row: lambda: self._asked(row), same("open", "remediating", "accepted")),
            "accept": Taken(self._accepting, all_to("accepted", "open", "remediating", "accepted")),
        }

    def _judging(self, verdict: Callable[..., object]) -> Step:
        """Return a verdict on a fix that alice claims."""

        def step(finding: Finding) -> Callable[[], object]:
            claim = FixClaim.objects.create(
                finding=finding,
                note="So.",
                new_option_key="public_commit",
                claimed_by=self.people.alice,
                claimed_at=NOON,
            )
            return lambda: verdict(claim, note="So.", by=self.people.bob, now=NOON)

        return step

    def _asked(self, finding: Finding) -> RiskAcceptance:
        return acceptance.request(
            finding, reason="So.", compensating_control="So.", expires_on=A_MONTH, by=self.people.alice, now=NOON
        )

    def _accepting(self, finding: Finding) -> Callable[[], object]:
        """Return the grant of what was asked for while the finding was open."""
        status, rows = finding.status, Finding.objects.filter(pk=finding.pk)
        with append_only.lifted(connection, Finding):
            rows.update(status="open", closed_at=None)
            asked = self._asked(rows.get())
            rows.update(status=status, closed_at=finding.closed_at)
        return lambda: acceptance.grant(asked, by=self.people.bob, now=NOON)

    def test_acceptances(self) -> None:
        finding, bob = self.scene.finding(), self.people.bob
        Finding.objects.filter(pk=finding.pk).update(owner=None)
        asked = self._asked(Finding.objects.get(pk=finding.pk))
        decided = {"decided_by": bob, "decided_at": NOON}
        steps = {
            "grant": Taken(lambda row: lambda: acceptance.grant(row, by=bob, now=NOON), {"requested": "granted"}),
            "refuse": Taken(
                lambda row: lambda: acceptance.refuse(row, note="So.", by=bob, now=NOON), {"requested": "refused"}
            ),
            "revoke": Taken(
                lambda row: lambda: acceptance.revoke(row, reason="So.", by=bob, now=NOON), {"granted": "revoked"}
            ),
        }
        self.try_all(Life(asked, steps, dict.fromkeys(("granted", "refused", "revoked"), decided)))

    def test_certificates(self) -> None:
        row = assured.a_certificate(self.people, self.scene.vendor)
        how: dict[str, Any] = {"by": self.people.alice, "now": NOON}
        stop: dict[str, Any] = {"on": TODAY, "reason": "So.", **how}
        judged: dict[str, Any] = {"is_read": True, **how}
        since = {"stopped_on": TODAY}
        changes = {"scope": "Another"}
        live = ("in_force", "suspended", "withdrawn")
        steps = {
            "supersede": Taken(lambda row: lambda: certificates.supersede(row, **how), all_to("superseded", *live)),
            "move": Taken(lambda row: lambda: certificates.move(row, **how), same(*live)),
            "correct": Taken(lambda row: lambda: certificates.correct(row, changes=changes, **how), same(*live)),
            "judge": Taken(lambda row: lambda: certificates.judge(row, **judged), same(*live, "superseded")),
            "suspend": Taken(lambda row: lambda: certificates.suspend(row, **stop), {"in_force": "suspended"}),
            "resume": Taken(
                lambda row: lambda: certificates.resume(row, reason="So.", **how), {"suspended": "in_force"}
            ),
            "withdraw": Taken(
                lambda row: lambda: certificates.withdraw(row, **stop), all_to("withdrawn", "in_force", "suspended")
            ),
        }
        self.try_all(Life(row, steps, {"suspended": since, "withdrawn": since}))

    def test_due_diligence(self) -> None:
        done = assured.a_round(self.people, self.scene.vendor)
        item = done.items.earliest("position")
        bob: dict[str, Any] = {"by": self.people.bob, "now": NOON}
        found: dict[str, Any] = {"outcome": "satisfactory", "looked_on": TODAY, "by": self.people.alice, "now": NOON}

        def of(row: Row) -> DueDiligenceItem:
            return DueDiligenceItem.objects.select_related("due_diligence").get(pk=item.pk)

        def waive(row: Row) -> Callable[[], object]:
            known = of(row)
            return lambda: rounds.waive(known, until=A_MONTH, reason="So.", **bob)

        def record(row: Row) -> Callable[[], object]:
            known = of(row)
            return lambda: rounds.record(known, **found)

        steps = {
            "complete": Taken(lambda row: lambda: rounds.complete(row, conclusion="So.", **bob), {"open": "complete"}),
            "supersede": Taken(lambda row: lambda: rounds.supersede(row, **bob), {"complete": "superseded"}),
            "cancel": Taken(lambda row: lambda: rounds.cancel(row, reason="So.", **bob), {"open": "cancelled"}),
            "waive": Taken(waive, same("open", "complete")),
            "record": Taken(record, same("open")),
        }
        completed = {"completed_by": self.people.bob, "completed_on": TODAY, "next_due_on": A_MONTH}
        self.try_all(Life(done, steps, dict.fromkeys(("complete", "superseded"), completed)))

    def test_contracts(self) -> None:
        alice = self.people.alice
        vendor = cast.a_vendor(self.people, "Nobody's")
        term: dict[str, Any] = {"ends_on": A_MONTH, "renewal": "automatic", "renewal_months": 1}
        contract = agreeing.draft(vendor, title="Services", **term, by=alice, now=NOON)
        how: dict[str, Any] = {"by": alice, "now": NOON}
        with_reason, days = how | {"reason": "So."}, how | {"signed_on": TODAY, "starts_on": TODAY}
        reading = clauses.Reading("written_contract", "yes")
        live, kept = ("active", "under_review"), ("drafting", "signing", "active", "under_review")
        steps = {
            "edit": Taken(lambda row: lambda: agreeing.edit(row, changes={"reference": "1"}, **how), same(*kept)),
            "cover": Taken(lambda row: lambda: agreeing.cover(row, service="Hosting", **how), same(*kept)),
            "read": Taken(lambda row: lambda: clauses.record(row, readings=[reading], **how), same(*kept)),
            "send": Taken(lambda row: lambda: contract_steps.send_for_signing(row, **how), {"drafting": "signing"}),
            "return": Taken(
                lambda row: lambda: contract_steps.return_to_drafting(row, **with_reason), {"signing": "drafting"}
            ),
            "sign": Taken(lambda row: lambda: contract_steps.sign(row, **days), {"signing": "active"}),
            "review": Taken(
                lambda row: lambda: contract_steps.start_review(row, **with_reason), {"active": "under_review"}
            ),
            "reviewed": Taken(
                lambda row: lambda: contract_steps.finish_review(row, note="So.", **how), {"under_review": "active"}
            ),
            "end": Taken(
                lambda row: lambda: contract_steps.end(row, ended_on=TODAY, **with_reason), all_to("ended", *kept)
            ),
            "keep": Taken(lambda row: lambda: contract_steps.keep(row, **with_reason), same(*live)),
            "notice": Taken(lambda row: lambda: contract_steps.give_notice(row, given_on=TODAY, **how), same(*live)),
        }
        begun = {"signed_on": TODAY, "starts_on": TODAY}
        needs = {"active": begun, "under_review": begun, "ended": {"ended_on": TODAY}}
        self.try_all(Life(contract, steps, needs))

    def test_use_cases_and_the_processes_that_need_them(self) -> None:
        unit, alice = self.people.payments, self.people.alice
        who: dict[str, Any] = {"by": alice, "now": NOON}
        use_case = use_cases.write(unit=unit, name="Support agent", **who)
        process = processes.write(unit=unit, name="Refunds", **who)
        deployment = deployments.add_deployment(
            self.scene.server, name="Desk", environment="staging", agent="Desk", **who, **cast.EXPOSURE
        )

        def without_deployment(row: Row) -> Callable[[], object]:
            link = UseCaseDeployment.objects.create(use_case_id=row.pk, deployment=deployment)
            return lambda: use_cases.remove_deployment(link, **who)

        def without_process(row: Row) -> Callable[[], object]:
            link = UseCaseProcess.objects.create(use_case_id=row.pk, process=process)
            return lambda: use_cases.remove_process(link, **who)

        stays = all_to("standing", "standing")
        steps = {
            "rewrite": Taken(
                lambda row: lambda: use_cases.rewrite(row, changes={"name": "Other"}, **who), stays, (Conflict,)
            ),
            "end": Taken(lambda row: lambda: use_cases.end(row, reason="Over.", **who), all_to("ended", "standing")),
            "add_deployment": Taken(
                lambda row: lambda: use_cases.add_deployment(row, deployment, **who), stays, (Conflict,)
            ),
            "add_process": Taken(lambda row: lambda: use_cases.add_process(row, process, **who), stays, (Conflict,)),
            "remove_deployment": Taken(without_deployment, stays, (Conflict,)),
            "remove_process": Taken(without_process, stays, (Conflict,)),
        }
        self.try_all(Life(use_case, steps, {}))
        of_process = {
            "rewrite": Taken(
                lambda row: lambda: processes.rewrite(row, changes={"name": "Other"}, **who), stays, (Conflict,)
            ),
            "end": Taken(lambda row: lambda: processes.end(row, reason="Over.", **who), all_to("ended", "standing")),
        }
        self.try_all(Life(process, of_process, {}))

    def test_shared_services(self) -> None:
        who: dict[str, Any] = {"by": self.people.alice, "now": NOON}
        service = shared_services.write(unit=self.people.payments, name="Gateway", kind="gateway", **who)
        looked: dict[str, Any] = {"assessed_on": TODAY, "result": "passed", "note": "It holds."}
        stays = all_to("standing", "standing")
        steps = {
            "rewrite": Taken(
                lambda row: lambda: shared_services.rewrite(row, changes={"name": "B"}, **who), stays, (Conflict,)
            ),
            "assess": Taken(
                lambda row: lambda: shared_services.record_assessment(row, **looked, **who), stays, (Conflict,)
            ),
            "end": Taken(
                lambda row: lambda: shared_services.end(row, reason="Over.", **who), all_to("ended", "standing")
            ),
        }
        self.try_all(Life(service, steps, {}))

    def test_exit_plans(self) -> None:
        alice = self.people.alice
        server = self.scene.server
        plan = plans.write(server, plan="Go by hand.", replacement="By hand", days=1, by=alice, now=NOON)
        words: dict[str, Any] = {"plan": "Another.", "replacement": "By hand", "days": 2, "by": alice, "now": NOON}
        trial: dict[str, Any] = {"tried_on": NOON.date(), "note": "So.", "by": alice, "now": NOON}
        steps = {
            "rewrite": Taken(lambda row: lambda: plans.rewrite(row, **words), all_to("draft", "draft", "ready")),
            "worked": Taken(lambda row: lambda: plans.record_success(row, **trial), all_to("ready", "draft", "ready")),
            "failed": Taken(lambda row: lambda: plans.record_failure(row, **trial), all_to("draft", "draft", "ready")),
        }
        self.try_all(Life(plan, steps, {"ready": {"tried_on": NOON.date(), "counts_until": NOON.date()}}))

    def test_tier_acceptances(self) -> None:
        alice, bob = self.people.alice, self.people.bob
        desk = deployments.add_deployment(
            self.scene.server, name="Desk", environment="production", agent="Desk", by=alice, now=NOON
        )
        asked = tiers.request(desk, tier=1, revision="draft", reason="So.", expires_on=A_MONTH, by=alice, now=NOON)
        decided = {"decided_by": bob, "decided_at": NOON}
        steps = {
            "grant": Taken(lambda row: lambda: tiers.grant(row, by=bob, now=NOON), {"requested": "granted"}),
            "refuse": Taken(
                lambda row: lambda: tiers.refuse(row, note="So.", by=bob, now=NOON), {"requested": "refused"}
            ),
            "revoke": Taken(
                lambda row: lambda: tiers.revoke(row, reason="So.", by=bob, now=NOON), {"granted": "revoked"}
            ),
        }
        self.try_all(Life(asked, steps, dict.fromkeys(("granted", "refused", "revoked"), decided)))

    def test_tier_plans(self) -> None:
        alice = self.people.alice
        desk = deployments.add_deployment(
            self.scene.server, name="Desk", environment="production", agent="Desk", by=alice, now=NOON
        )
        by_alice: dict[str, Any] = {"by": alice, "now": NOON}
        plan = tier_plans.plan_for_deployment(desk, to_tier=1, revision="draft", target_on=A_MONTH, **by_alice)
        moved: dict[str, Any] = {"control": "MI-20.T.1", "due_on": TODAY}
        steps = {
            "change": Taken(
                lambda row: lambda: tier_plans.change(row, owner=None, note="Soon.", **by_alice), same("under_way")
            ),
            "reschedule": Taken(lambda row: lambda: tier_plans.reschedule(row, **moved, **by_alice), same("under_way")),
            "drop": Taken(lambda row: lambda: tier_plans.drop(row, reason="So.", **by_alice), {"under_way": "dropped"}),
        }
        ended = {"ended_at": NOON}
        self.try_all(Life(plan, steps, {"finished": ended, "dropped": ended}))

    def test_watch_entries(self) -> None:
        alice = self.people.alice
        entry = watching.note(self.scene.server, kind="other", title="Rumour", by=alice, now=NOON)
        steps = {
            "settle": Taken(
                lambda row: lambda: watching.settle(row, outcome="So.", by=alice, now=NOON), {"watched": "settled"}
            ),
            "reopen": Taken(
                lambda row: lambda: watching.reopen(row, reason="So.", by=alice, now=NOON), {"settled": "watched"}
            ),
        }
        self.try_all(Life(entry, steps, {"settled": {"settled_at": NOON, "outcome": "So."}}))

    def test_escalations(self) -> None:
        finding = self.scene.finding()
        escalation = Escalation.objects.create(
            unit=finding.unit, ladder="finding_overdue", object_type="findings.finding", object_id=finding.pk,
            label=str(finding), severity=finding.severity, began_at=NOON, climbed_at=NOON,
        )  # fmt: skip
        steps = {
            "acknowledge": Taken(
                lambda row: lambda: acknowledging.acknowledge(row, by=self.people.mia, now=NOON),
                {"waiting": "acknowledged"},
            ),
        }
        acknowledged = {"acknowledged_by": self.people.mia, "acknowledged_at": NOON}
        self.try_all(Life(escalation, steps, {"acknowledged": acknowledged}))

    def test_policies(self) -> None:
        people = self.people
        policy = policies.write(unit=people.payments, name="Gateway", reason="So.", by=people.bob, now=NOON)
        how: dict[str, Any] = {"reason": "So.", "by": people.bob, "now": NOON}
        steps = {
            "enforce": Taken(lambda row: lambda: policies.enforce(row, **how), {"observing": "enforcing"}),
            "observe": Taken(lambda row: lambda: policies.observe(row, **how), {"enforcing": "observing"}),
            "retire": Taken(
                lambda row: lambda: policies.retire(row, **how), all_to("retired", "observing", "enforcing")
            ),
        }
        self.try_all(Life(policy, steps, {}))

    def test_feeds(self) -> None:
        ada = self.people.ada
        feed = managing.add(kind=notes.NOTES.word, name="Notes", where="upload", by=ada, now=NOON)
        steps = {
            "switch off": Taken(
                lambda row: lambda: managing.switch_off(row, reason="So.", by=ada, now=NOON), {"on": "off"}
            ),
            "switch on": Taken(lambda row: lambda: managing.switch_on(row, by=ada, now=NOON), {"off": "on"}),
        }
        self.try_all(Life(feed, steps))

    def test_runs_of_feeds(self) -> None:
        ada = self.people.ada
        feed = managing.add(kind=notes.NOTES.word, name="Notes", where="upload", by=ada, now=NOON)
        Feed.objects.filter(pk=feed.pk).update(where="folder", place="notes.jsonl")
        run = FeedRun.objects.create(feed=feed, asked_at=NOON)

        def end(status: FeedRun.Status) -> Step:
            return lambda row: lambda: taking.end(row, taking.Ending(status, "So."), now=NOON)

        over = (IllegalTransition, taking.TakenOver)
        steps = {
            "begin": Taken(
                lambda row: lambda: taking.begin(row, now=NOON), all_to("running", "queued", "running"), over
            ),
            **{f"end as {one}": Taken(end(one), {"running": one}, over) for one in list(FeedRun.Status)[2:]},
            "let through": Taken(
                lambda row: lambda: feed_asking.let_through(row, reason="So.", by=ada, now=NOON),
                {"stopped": "stopped"},
                (Refused,),
            ),
        }
        ended = {"ended_at": NOON, "why": "So."}
        self.try_all(Life(run, steps, {"complete": ended, "failed": ended, "stopped": ended}))

    def test_requests_for_servers(self) -> None:
        alice, payments = self.people.alice, self.people.payments
        asked = asking.ask(
            unit=payments,
            what="com.example/new",
            purpose="To try it.",
            data_reached="",
            agent="Desk",
            by=alice,
            now=NOON,
        )
        server = cast.a_server(self.people, "com.example/tides")
        how: dict[str, Any] = {"by": alice, "now": NOON}
        waiting = ("asked", "in_review")
        steps = {
            "take up": Taken(lambda row: lambda: triage.take_up(row, **how), {"asked": "in_review"}),
            "link": Taken(lambda row: lambda: triage.link(row, server=server, **how), all_to("in_review", *waiting)),
            "register": Taken(
                lambda row: lambda: triage.register(row, name="com.example/new", title="New", **how),
                all_to("in_review", *waiting),
            ),
            "grant": Taken(lambda row: lambda: triage.grant(row, **how), all_to("granted", *waiting)),
            "decline": Taken(
                lambda row: lambda: triage.decline(row, reason="We have one.", **how), all_to("declined", *waiting)
            ),
            "withdraw": Taken(lambda row: lambda: asking.withdraw(row, **how), all_to("withdrawn", *waiting)),
        }
        ended: dict[str, Any] = {"decided_at": NOON, "server": server, "reason": "So."}
        needs = {"asked": {"server": server}, "in_review": {"server": server}}
        self.try_all(Life(asked, steps, needs | dict.fromkeys(("granted", "declined", "withdrawn"), ended)))

    def test_unapproved_uses(self) -> None:
        people = self.people
        reports.receive({"fs": reports.FS}, unit=people.payments, by=people.alice)
        use, server = UnapprovedUse.objects.get(), self.scene.server
        how: dict[str, Any] = {"by": people.alice, "now": NOON}
        named: dict[str, Any] = {"name": "com.example/fs", "title": "Files", "purpose": ""}
        until = NOON.date() + timedelta(days=1)
        open_ = ("seen", "watched", "denied")
        steps = {
            "register": Taken(lambda row: lambda: uses.register(row, **named, **how), all_to("registered", *open_)),
            "link": Taken(lambda row: lambda: uses.link(row, server=server, **how), all_to("registered", *open_)),
            "deny": Taken(lambda row: lambda: uses.deny(row, reason="So.", **how), all_to("denied", *open_)),
            "watch": Taken(lambda row: lambda: uses.watch(row, until=until, **how), all_to("watched", *open_)),
        }
        decided = {"decided_at": NOON, "decided_by": people.alice}
        needs = {
            "registered": decided | {"server": server}, "denied": decided, "watched": decided | {"watched_until": until}
        }  # fmt: skip
        self.try_all(Life(use, steps, needs))

    def test_inventories(self) -> None:
        how: dict[str, Any] = {"by": self.people.alice, "now": NOON}
        row = inventories.take(cast.a_release(self.people), **how)
        steps = {
            "withdraw": Taken(
                lambda row: lambda: inventory.withdraw(row, reason="So.", **how), {"current": "withdrawn"}
            )
        }
        ended = {"ended_at": NOON}
        self.try_all(Life(row, steps, {"superseded": ended, "withdrawn": ended}))

    def test_statements(self) -> None:
        how: dict[str, Any] = {"by": self.people.alice, "now": NOON}
        row = self._statement()
        steps = {
            "withdraw": Taken(
                lambda row: lambda: statements.withdraw(row, reason="So.", **how), {"in_force": "withdrawn"}
            )
        }
        ended = {"ended_at": NOON}
        needs: dict[str, dict[str, Any]] = {"superseded": ended, "withdrawn": ended, "rejected": {"refusal": "So."}}
        self.try_all(Life(row, steps, needs))

    def test_suppressions(self) -> None:
        how: dict[str, Any] = {"by": self.people.bob, "now": NOON, "reason": "So."}
        row = Suppression.objects.get(statement=self._statement())
        steps = {
            "accept": Taken(
                lambda row: lambda: suppressing.accept(row, **how), all_to("accepted", "proposed", "ended")
            ),
            "end": Taken(lambda row: lambda: suppressing.end(row, **how), {"accepted": "ended"}),
        }
        accepted = {"decided_by": self.people.bob, "decided_at": NOON, "until": TODAY, "severity": 3}
        self.try_all(Life(row, steps, {"accepted": accepted, "ended": {"ended_at": NOON}}))

    def _statement(self) -> Statement:
        """Return what alice says of what hits a release, which bob may accept."""
        how: dict[str, Any] = {"by": self.people.alice, "now": NOON}
        release = cast.a_release(self.people)
        inventories.take(release, **how)
        advisories.publish("GHSA-hrpp-h998-j3pp", severity=Severity.MEDIUM)
        comparing.compare_changed(now=NOON)
        hits.compare(release.server, now=NOON)
        return statements.state(
            Hit.objects.get(), says="not_affected", reason="So.", justification="component_not_present",
            until=TODAY, **how,
        )  # fmt: skip

    # What machines do

    def test_runs(self) -> None:
        alice, unit = self.people.alice, self.people.payments
        remotes = [{"type": "streamable-http", "url": "https://mcp.example.com/weather"}]
        server, _release = importing.import_server_json(
            cast.server_json(remotes=remotes), unit=unit, by=alice, now=NOON
        )
        run = inspecting.ask(server, by=alice, now=NOON)

        def ends(outcome: str) -> Step:
            look = Look(outcome=Run.Status(outcome), code="" if outcome == "complete" else "x", why="So.")
            return lambda row: lambda: applying.apply(row, look, now=NOON)

        steps = {
            "begin": Taken(lambda row: lambda: applying.begin(row, now=NOON), {"queued": "running"} | same("running")),
            "complete": Taken(ends("complete"), {"running": "complete"}),
            "come back empty": Taken(ends("empty"), {"running": "empty"}),
            "fail": Taken(ends("failed"), all_to("failed", "queued", "running")),
        }
        ended = {"why": "So.", "ended_at": NOON}
        self.try_all(Life(run, steps, dict.fromkeys(("complete", "empty", "failed"), ended)))

    def test_reports(self) -> None:
        report = requests.request_assessment_report(self.scene.final(), by=self.people.alice, now=NOON)
        by_alice: dict[str, Any] = {"by": self.people.alice, "now": NOON}
        read = {"data": "{}", "data_digest": "d" * 64}
        issued = read | {"issued_at": NOON}
        steps = {
            "ask again": Taken(lambda row: lambda: requests.request_again(row, **by_alice), {"failed": "requested"}),
            "read": Taken(
                lambda row: lambda: issuing.read(row, now=NOON),
                all_to("rendering", "requested", "rendering", "failed"),
            ),
            "issue": Taken(lambda row: lambda: _issued(row), {"rendering": "issued"}),
            "fail": Taken(
                lambda row: lambda: issuing.fail(row, reason="So.", now=NOON),
                all_to("failed", "requested", "rendering"),
            ),
            "withdraw": Taken(
                lambda row: lambda: requests.withdraw(row, reason="So.", **by_alice), {"issued": "withdrawn"}
            ),
        }
        self.try_all(Life(report, steps, {"rendering": read, "issued": issued, "withdrawn": issued}))

    def test_jobs(self) -> None:
        steps = {
            "retry": Taken(
                lambda row: lambda: retries.retry(row, by=self.people.ada, now=NOON),
                {"dead": "queued"},
                (retries.NotStopped,),
            ),
        }
        job = Job.objects.create(kind="reports.render", key="one", run_after=NOON, created_at=NOON)
        leased = {"lease_token": uuid7(), "lease_until": NOON}
        self.try_all(Life(job, steps, {"running": leased}))

    def test_channels_and_the_messages_to_them(self) -> None:
        how: dict[str, Any] = {"by": self.people.mia, "now": NOON}
        address: dict[str, Any] = {"address": "https://hooks.example.com/1", "form": ""}
        channel, _ = channels.open_channel(unit=self.people.payments, name="On call", kind="webhook", **address, **how)
        channels.rotate(channel, **how)
        channels.try_out(channel, **how)
        Message.objects.update(status="given_up")
        both, active = same("active", "retired"), same("active")
        steps = {
            "change": Taken(lambda row: lambda: channels.change(row, name="Other", **address, **how), active),
            "try": Taken(lambda row: lambda: channels.try_out(row, **how), active),
            "send again what was given up": Taken(lambda row: lambda: channels.replay(row, **how), active),
            "exchange the secret": Taken(lambda row: lambda: channels.rotate(row, **how), both),
            "end the former secret": Taken(lambda row: lambda: channels.end_former(row, **how), both),
            "retire": Taken(lambda row: lambda: channels.retire(row, reason="So.", **how), {"active": "retired"}),
        }
        self.try_all(Life(channel, steps))

        replay = Taken(lambda row: lambda: posting.replay(row, **how), all_to("pending", "given_up", "sent"))
        self.try_all(Life(Message.objects.get(), {"replay": replay}, {"sent": {"sent_at": NOON}}))

    def test_alert_rules(self) -> None:
        how: dict[str, Any] = {"by": self.people.mia, "now": NOON}
        facts: dict[str, Any] = {
            "about": ["findings"], "least_severity": "", "tiers": [], "vendor": None,
            "places": ["owner"], "people": [], "channels": [], "pace": "soon",
        }  # fmt: skip
        rule = writing.write(unit=self.people.payments, name="Worst", facts=facts, **how)
        steps = {
            "change": Taken(
                lambda row: lambda: writing.rewrite(row, name="Worst", facts=facts, **how), same("active", "paused")
            ),
            "start": Taken(lambda row: lambda: writing.start(row, **how), {"paused": "active"}),
            "pause": Taken(lambda row: lambda: writing.pause(row, reason="So.", **how), {"active": "paused"}),
            "retire": Taken(
                lambda row: lambda: writing.retire(row, reason="So.", **how), all_to("retired", "active", "paused")
            ),
        }
        self.try_all(Life(rule, steps))

    def test_deliveries(self) -> None:
        finding = self.scene.finding()
        register.assign(finding, owner=self.people.alice, by=self.people.mia, now=NOON)
        relay.relay(now=NOON)
        steps = {
            "retry": Taken(
                lambda row: lambda: deliveries.retry(row, by=self.people.ada, now=NOON), {"given_up": "pending"}
            ),
        }
        delivery = Delivery.objects.order_by("pk")[0]
        self.try_all(Life(delivery, steps, {"sent": {"sent_at": NOON}}))


def _issued(report: Report) -> None:
    with transaction.atomic():
        issuing.issue(report, [], now=NOON)


def tables() -> list[type[models.Model]]:
    """Return every model with a table of moves."""
    return [model for model in apps.get_models() if hasattr(model, "TRANSITIONS")]


def states_of(model: type[models.Model]) -> list[str]:
    """Return the words that a status can be."""
    return [str(word) for word in model.Status.values]  # type: ignore[attr-defined]


def test_every_table_is_tried_above():
    tried = {
        Vendor,
        Server,
        Assessment,
        Approval,
        Review,
        RatingOverride,
        Escalation,
        ExitPlan,
        Certificate,
        DueDiligence,
        Contract,
        TierAcceptance,
        TierPlan,
        Policy,
        Feed,
        FeedRun,
        ServerRequest,
        UnapprovedUse,
        Inventory,
        Statement,
        Suppression,
        WatchEntry,
        Finding,
        RiskAcceptance,
        Report,
        Run,
        Job,
        Delivery,
        Channel,
        Message,
        AlertRule,
        BusinessProcess,
        SharedService,
        UseCase,
    }
    assert set(tables()) == tried


def test_every_state_can_be_reached_and_every_move_leads_to_a_state():
    for model in tables():
        states = set(states_of(model))
        table: Mapping[str, frozenset[str]] = model.TRANSITIONS  # type: ignore[attr-defined]
        assert table.keys() <= states, model
        reached, ahead = set(), [str(model().status)]  # type: ignore[attr-defined]
        ahead += BORN_AS.get(model, ())
        while ahead:
            state = ahead.pop()
            reached.add(state)
            ahead += table.get(state, frozenset()) - reached
        assert reached == states, model
