"""What is done about the findings and conditions of a case, each step by somebody who may."""

from accounts.models import User
from catalogue.models import Dimension
from decisions.approvals import conditions
from decisions.models import Condition
from demo.story.case import EXAMPLE, Case
from findings import acceptance, register, remediation
from findings.models import Finding, FixClaim
from scoring.scales import Severity


def plan(case: Case, question: str, description: str, *, days: int) -> None:
    """Assign the finding to the server's owner, who plans to fix it in so many days."""
    finding, half = case.finding(question), case.in_days(days // 2)
    case.by(case.manager, register.assign, finding, owner=case.owner)
    case.by(
        case.owner, remediation.plan, finding,
        description=description, target_on=case.in_days(days), milestones=[("Tried in staging", half)],
    )  # fmt: skip


def claim(case: Case, question: str, note: str, *, option: str) -> None:
    """Have the owner say that the finding is fixed, and that `option` is the answer now."""
    finding = case.finding(question)
    for milestone in finding.plans.get(is_current=True).milestones.filter(done_at=None):
        case.by(case.owner, remediation.complete_milestone, milestone)
    # What all units read of a vendor does not rest on a document of one.
    document = case.documents.get("deployment" if finding.unit else "vendor")
    case.by(
        case.owner, remediation.claim_fixed, finding,
        note=f"{note} {EXAMPLE}", new_option_key=option, evidence=document,
    )  # fmt: skip


def verify(case: Case, question: str) -> None:
    """Have the approver find that the claimed fix holds."""
    case.by(case.approver, remediation.pass_fix, _waiting(case, question), note=f"Tried it, and it holds. {EXAMPLE}")


def fail(case: Case, question: str, why: str) -> None:
    """Have the approver find that the claimed fix does not hold."""
    case.by(case.approver, remediation.fail_fix, _waiting(case, question), note=f"{why} {EXAMPLE}")


def accept(case: Case, question: str, *, days: int, granted_by: User) -> None:
    """Have the risk of a finding accepted for so many days."""
    case.by(granted_by, acceptance.grant, ask(case, question, days=days), note=EXAMPLE)


def ask_in_vain(case: Case, question: str, *, refused_by: User) -> None:
    """Have the owner ask to accept the risk of a finding, and somebody refuse."""
    note = f"The fix is a day of work. Do it. {EXAMPLE}"
    case.by(refused_by, acceptance.refuse, ask(case, question, days=200), note=note)


def ask(case: Case, question: str, *, days: int) -> object:
    """Return the owner's request to accept the risk of a finding for so many days."""
    return case.by(
        case.owner, acceptance.request, case.finding(question),
        reason=f"To fix it costs more than it saves this year. {EXAMPLE}",
        compensating_control="Each call is logged, and the log is read weekly.", expires_on=case.in_days(days),
    )  # fmt: skip


def revoke(case: Case, question: str) -> None:
    """Have the approver end the acceptance of a finding's risk before its day."""
    granted = case.finding(question).acceptances.latest("number")
    case.by(case.approver, acceptance.revoke, granted, reason=f"The log was not read for a month. {EXAMPLE}")


def dismiss(case: Case, question: str) -> None:
    """Have the approver judge that a finding is none."""
    finding = case.finding(question)
    case.by(case.approver, register.dismiss, finding, reason=f"It is enforced elsewhere. {EXAMPLE}")


def close_all(case: Case, why: str) -> None:
    """Have the approver close the open findings of the server without a fix; what is severe would take two of them."""
    for finding in Finding.objects.filter(server=case.server, status=Finding.Status.OPEN):
        if finding.is_severe:
            continue
        case.by(case.approver, register.close, finding, reason=f"{why} {EXAMPLE}")


def meet(case: Case, note: str) -> None:
    """Record that the first condition of the newest approval which waits is met."""
    waiting = Condition.objects.select_related("approval__server").filter(approval=case.approval, met_at=None)
    case.by(case.approver, conditions.meet, waiting.earliest("due_on"), note=f"{note} {EXAMPLE}")


def find_by_hand(case: Case, title: str) -> None:
    """Have the owner's colleague open a finding that no question asked for."""
    case.by(
        case.colleague, register.open_by_hand, case.server,
        title=title, description=EXAMPLE, recommendation="Agree on one place, and say who watches it.",
        severity=Severity.MEDIUM, dimension=Dimension.OPERATIONAL_RESILIENCE, owner=case.owner,
    )  # fmt: skip


def _waiting(case: Case, question: str) -> FixClaim:
    return FixClaim.objects.select_related("finding").get(finding=case.finding(question), verdict="")
