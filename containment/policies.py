"""Steps of policies: written to observe, then enforced; set back with a reason; retired."""

from datetime import datetime

from accounts import principals
from accounts.access import Capability
from accounts.models import Unit
from accounts.principals import Principal
from accounts.steps import step
from containment.models import Policy
from riskregister.refusals import Conflict
from riskregister.text import clean_name
from vendors import fields

DECIDE = Capability.DECIDE


@step("policy.written", needs=DECIDE, makes=Policy, reason="reason")
def write(*, unit: Unit, name: str, reason: str, by: Principal, now: datetime) -> Policy:
    """Return a new policy of a unit, which observes: only what is suspended is blocked in the unit any more.

    Raises Conflict for a second one.
    """
    made = Policy(
        unit=unit,
        name=clean_name(name, field="name"),
        reason=reason,
        moved_by=principals.person_of(by),
        moved_at=now,
    )
    fields.save_once(made, otherwise=Conflict(f"{unit} has a policy already. Change or retire that one."))
    return made


@step("policy.enforced", needs=DECIDE, to=Policy.Status.ENFORCING, reason="reason")
def enforce(policy: Policy, *, reason: str, by: Principal, now: datetime) -> Policy:
    """Return the policy, by which calls of what is not approved are blocked from now on."""
    return _moved(policy, reason=reason, by=by, now=now)


@step("policy.observing", needs=DECIDE, to=Policy.Status.OBSERVING, reason="reason")
def observe(policy: Policy, *, reason: str, by: Principal, now: datetime) -> Policy:
    """Return the policy, which blocks only what is suspended from now on and says what else it would have."""
    return _moved(policy, reason=reason, by=by, now=now)


@step("policy.retired", needs=DECIDE, to=Policy.Status.RETIRED, reason="reason")
def retire(policy: Policy, *, reason: str, by: Principal, now: datetime) -> Policy:
    """Return the policy, which answers nobody any more: without one its unit is answered as if enforced."""
    return _moved(policy, reason=reason, by=by, now=now)


def _moved(policy: Policy, *, reason: str, by: Principal, now: datetime) -> Policy:
    policy.reason, policy.moved_by, policy.moved_at = reason, principals.person_of(by), now
    return policy
