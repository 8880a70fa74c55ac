"""What happens in Payments."""

from datetime import timedelta
from functools import partial
from typing import Any

from assessments import lifecycle
from catalogue.models import Control
from controls import statuses
from demo.diary import Diary
from demo.organisation import Organisation
from demo.story import remedies, vendors
from demo.story.case import CONDITIONS, EXAMPLE, REJECT, Case
from escalations import acknowledging
from escalations.models import Escalation
from exits import plans
from vendors import lifecycle as server_lifecycle

KEYS = (
    "sentry", "aws-documentation", "mongodb", "playwright", "time",
    "elasticsearch", "stripe", "fetch", "azure", "notion",
)  # fmt: skip
USEFUL = "It does what the team needs, within limits that we can keep."


def tell(diary: Diary, organisation: Organisation) -> None:
    """Note in the diary what the unit does."""
    cases = {key: Case(diary, organisation, key) for key in KEYS}
    _sentry(diary, cases["sentry"])
    _documentation(diary, cases["aws-documentation"], cases["time"])
    _mongodb(diary, organisation, cases["mongodb"])
    _playwright(diary, cases["playwright"])
    _elasticsearch(diary, cases["elasticsearch"])
    _stripe(diary, cases["stripe"])
    _azure(diary, cases["azure"])
    _undecided(diary, cases["fetch"], cases["notion"])
    vendor_names = ("Sentry", "Amazon Web Services", "MongoDB", "Microsoft", "Elastic", "Stripe")
    for days_ago, name in zip((396, 410, 364, 308, 199, 175), vendor_names, strict=True):
        diary.on(days_ago, partial(vendors.activate, diary, name, by=organisation.person("lena")))
    diary.on(44, partial(vendors.relate, diary, organisation))


def _documentation(diary: Diary, documentation: Case, clock: Case) -> None:
    """Two harmless servers, well evidenced; one is assessed again after a year, by the second question set."""
    # The approval of the clock ended a week ago, and nobody decided anew.
    for case, begun, holds in ((documentation, 424, 450), (clock, 300, 280)):
        diary.on(begun, case.arrive)
        diary.on(begun - 8, case.assess)
        diary.on(begun - 10, case.submit)
        reason = "It reads public pages only, and every answer was checked."
        diary.on(begun - 13, partial(case.decide, reason=reason, holds=holds))
    diary.on(62, partial(documentation.assess, questions=2))
    diary.on(60, documentation.submit)
    diary.on(58, partial(documentation.decide, reason="Nothing has changed in a year."))


def _sentry(diary: Diary, case: Case) -> None:
    """A finding is fixed and closed; the next assessment observes it again, and it reopens."""
    logs = "data_handling.tool_logs"
    diary.on(418, case.arrive)
    diary.on(405, case.assess)
    diary.on(403, case.submit)
    diary.on(397, partial(case.decide, reason=USEFUL))
    diary.on(390, lambda: remedies.plan(case, logs, "Redact values before they leave, and agree a retention.", days=20))
    diary.on(376, lambda: remedies.claim(case, logs, "Values are redacted in our proxy.", option="redacted_ours"))
    diary.on(374, lambda: remedies.verify(case, logs))
    diary.on(30, case.assess)
    diary.on(28, case.submit)
    diary.on(24, partial(case.decide, reason="Still useful; the logs need work again."))


def _mongodb(diary: Diary, organisation: Organisation, case: Case) -> None:
    """A risk was accepted for half a year; the acceptance has run out, and the finding is overdue."""
    shared = "permission_scope.credential_scope"
    diary.on(380, case.arrive)
    diary.on(372, case.assess)
    diary.on(369, case.submit)
    diary.on(365, partial(case.decide, reason=USEFUL))
    diary.on(200, case.assess)
    diary.on(198, case.submit)
    diary.on(196, partial(case.decide, reason=USEFUL))
    diary.on(190, lambda: remedies.accept(case, shared, days=170, granted_by=organisation.person("henrik")))
    diary.on(
        150, lambda: remedies.ask_in_vain(case, "data_handling.minimisation", refused_by=organisation.person("henrik"))
    )
    load = "operational_resilience.load_tested"
    diary.on(60, lambda: remedies.accept(case, load, days=240, granted_by=case.approver))


def _playwright(diary: Diary, case: Case) -> None:
    """A critical finding stands in the way of the approval until its fix is verified; the rating is seen to rise."""
    consequential = "permission_scope.consequential_actions"
    diary.on(330, case.arrive)
    diary.on(326, case.assess)
    diary.on(324, case.submit)
    diary.on(322, case.finalise)
    diary.on(
        321, lambda: remedies.plan(case, consequential, "Let the gateway ask a person before a form is sent.", days=14)
    )
    diary.on(315, lambda: remedies.claim(case, consequential, "The gateway asks now.", option="enforced_person"))
    diary.on(313, lambda: remedies.verify(case, consequential))
    diary.on(309, partial(case.decide, reason="The one critical gap is closed and verified."))
    diary.on(
        290,
        lambda: remedies.plan(case, "permission_scope.isolation", "Run it in a container without a network.", days=60),
    )
    diary.on(
        240, lambda: remedies.claim(case, "permission_scope.isolation", "It runs in a container.", option="sandbox")
    )
    diary.on(236, lambda: remedies.verify(case, "permission_scope.isolation"))
    improved = {
        "permission_scope.consequential_actions": "enforced_person",
        "permission_scope.isolation": "sandbox",
        "security_posture.audit_logging": "full",
    }
    diary.on(134, partial(case.assess, changed=improved))
    diary.on(132, case.submit)
    diary.on(130, partial(case.decide, reason="It has become better since the first time."))


def _elasticsearch(diary: Diary, case: Case) -> None:
    """Its review is overdue, and so are findings that nobody owns up to."""
    diary.on(220, case.arrive)
    diary.on(208, case.assess)
    diary.on(205, case.submit)
    diary.on(
        200,
        partial(
            case.decide, CONDITIONS, reason="Useful in incidents, with a list of things to put right.",
            conditions=(("Limit the agent to the indices of its own service.", 60),),
        ),
    )  # fmt: skip
    diary.on(170, lambda: remedies.meet(case, "The role reads two indices only."))
    diary.on(120, lambda: remedies.dismiss(case, "permission_scope.tool_allow_list"))
    quiet = "operational_resilience.maintenance_outlook"
    diary.on(15, lambda: remedies.plan(case, quiet, "Move to the server that the vendor recommends.", days=45))
    diary.on(2, lambda: remedies.claim(case, quiet, "The new server answers all questions.", option="active"))


def _stripe(diary: Diary, case: Case) -> None:
    """The most exposed server: reviewed every three months, approved with one condition met and one missed."""
    diary.on(190, case.arrive)
    diary.on(184, case.assess)
    diary.on(181, case.submit)
    diary.on(176, partial(case.decide, reason=USEFUL))
    combination = "permission_scope.tool_combination"
    diary.on(170, lambda: remedies.plan(case, combination, "Give refunds and payouts to two agents.", days=28))
    diary.on(96, partial(case.assess, changed={"permission_scope.tool_combination": "broken"}))
    diary.on(94, case.submit)
    wanted = (
        ("Restrict the key to refunds up to 200 euros.", 30),
        ("Rehearse the loss of the server with the refund desk.", 64),
    )
    decide = partial(case.decide, CONDITIONS, reason="It moves money: two things must follow.", conditions=wanted)
    diary.on(86, decide)
    diary.on(60, lambda: remedies.meet(case, "The restricted key is in use since this morning."))
    diary.on(149, lambda: remedies.claim(case, combination, "Two agents, two keys.", option="broken"))
    diary.on(147, lambda: remedies.fail(case, combination, "One of them still had the other's key."))
    diary.on(143, lambda: remedies.claim(case, combination, "The old key is revoked.", option="broken"))
    diary.on(141, lambda: remedies.verify(case, combination))
    diary.on(70, lambda: _exit_plan(case))
    diary.on(66, lambda: _controls(case))
    diary.on(6, lambda: _acknowledge(case))
    diary.on(12, lambda: remedies.find_by_hand(case, "Two teams believe that the other one watches the refund desk"))


def _controls(case: Case) -> None:
    """What is in place around it is stated, on which the governance tier rests."""
    today, server = case.diary.today, case.server
    current = Control.objects.select_related("framework", "same_as").filter(framework__status="current")
    statements: dict[str, dict[str, Any]] = {
        "MI-20.2.1": {"state": "in_place", "note": f"The gateway takes nothing but TLS 1.3. {EXAMPLE}"},
        "MI-20.2.2": {"state": "planned", "due_on": today + timedelta(days=90), "effort_days": 8},
        "MI-20.2.4": {"state": "in_place", "valid_until": today + timedelta(days=80)},
        "MI-20.5.4": {"state": "partly", "effort_days": 3, "note": f"The client runs in a sandbox. {EXAMPLE}"},
        "MI-20.5.8": {"state": "in_place", "note": f"The refund desk, by hand. {EXAMPLE}"},
        "MI-20.3.9": {"state": "not_applicable", "reason": f"It returns no prices. {EXAMPLE}"},
    }
    for control in current.filter(ref__in=statements):
        case.by(
            case.owner, statuses.state_for_server, server, control=control, owner=case.owner, **statements[control.ref]
        )


def _exit_plan(case: Case) -> None:
    """The way to leave it is written down and tried."""
    plan = case.by(
        case.owner, plans.write, case.server,
        plan=f"Refunds go through the provider's own page, by the refund desk. {EXAMPLE}",
        replacement="The refund desk, by hand", days=2,
    )  # fmt: skip
    note = f"The desk did all refunds of one afternoon by hand. {EXAMPLE}"
    case.by(case.owner, plans.record_success, plan, tried_on=case.diary.today, note=note)


def _acknowledge(case: Case) -> None:
    """The manager has what waits longest of what the server's people have not acknowledged."""
    waiting = Escalation.objects.unacknowledged().filter(unit=case.unit).earliest("began_at", "pk")
    case.by(case.manager, acknowledging.acknowledge, waiting, note=f"It is on Monday's agenda. {EXAMPLE}")


def _azure(diary: Diary, case: Case) -> None:
    """Approved, then suspended by the manager."""
    diary.on(110, case.arrive)
    diary.on(90, case.assess)
    diary.on(86, case.submit)
    diary.on(80, partial(case.decide, reason=USEFUL))
    change = "permission_scope.change_after_approval"
    diary.on(
        76, lambda: remedies.plan(case, change, "Compare the tools at each start, and stop on a difference.", days=40)
    )
    diary.on(58, lambda: remedies.claim(case, change, "The gateway compares them.", option="blocked"))
    diary.on(56, lambda: remedies.verify(case, change))
    reason = f"An agent changed a role assignment that nobody had asked for. {EXAMPLE}"
    diary.on(9, lambda: case.by(case.manager, server_lifecycle.suspend, case.server, reason=reason))


def _undecided(diary: Diary, rejected: Case, waiting: Case) -> None:
    """One server is rejected after a first attempt was given up; one waits for its decision."""
    diary.on(150, rejected.arrive)
    diary.on(148, partial(rejected.assess, share=0.2))
    reason = "Begun for the wrong use case."
    diary.on(146, lambda: rejected.by(rejected.owner, lifecycle.cancel, rejected.assessment, reason=reason))
    diary.on(144, rejected.assess)
    diary.on(142, rejected.submit)
    why = "Any page could give the agent instructions, and nothing would stop it."
    diary.on(140, partial(rejected.decide, REJECT, reason=why))
    diary.on(131, partial(remedies.close_all, rejected, "The server was rejected, and nobody uses it."))
    diary.on(45, waiting.arrive)
    diary.on(8, partial(waiting.assess, questions=2))
    diary.on(4, waiting.submit)
