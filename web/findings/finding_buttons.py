"""The steps of a finding as its page shows them."""

from accounts.models import User
from findings import acceptance, register, remediation
from findings.models import Finding, FixClaim
from web.page_parts import buttons
from web.page_parts.buttons import Button, Offer

S = Finding.Status
BUTTONS = (
    Button(register.confirm, "confirm", "Confirm it", is_main=True),
    Button(remediation.plan, "plan", "Plan the fix", when=(S.OPEN,), is_main=True),
    Button(remediation.claim_fixed, "fix", "Claim it is fixed", is_main=True),
    Button(register.reopen, "reopen", "Reopen", is_main=True),
    Button(remediation.plan, "plan", "Change the plan", when=(S.REMEDIATING,)),
    Button(acceptance.request, "accept", "Ask to accept the risk", when=(S.OPEN, S.REMEDIATING)),
    Button(acceptance.request, "accept", "Ask to accept it for longer", when=(S.ACCEPTED,)),
    Button(register.assign, "assign", "Change the owner"),
    Button(register.change_severity, "severity", "Change the severity"),
    Button(register.change_due_date, "due-date", "Change the due date"),
    Button(register.close, "close", "Close without a verified fix", is_danger=True),
    Button(register.dismiss, "dismiss", "Dismiss", is_danger=True),
)
VERIFY = Button(remediation.pass_fix, "verify", "Verify the fix", is_main=True)


def offers(finding: Finding, user: User, *, claim: FixClaim | None, is_asked: bool) -> list[Offer]:
    """Return the steps that the finding's state allows, the main one first.

    `claim` is the fix that waits for a verdict; `is_asked`: a request to accept the risk waits.
    """
    of_claim = buttons.offers([VERIFY], finding, user, of="finding", given=claim) if claim else ()
    shown = [*of_claim, *buttons.offers(BUTTONS, finding, user, of="finding")]
    return [offer for offer in shown if not (offer.key == "accept" and is_asked)]
