"""Whether clients obey: somebody tries it, and puts on record what came of it."""

from datetime import date, datetime

from django.utils import timezone

from accounts import principals
from accounts.access import Capability
from accounts.models import Unit
from accounts.principals import Principal
from accounts.steps import Done, step
from containment.models import EnforcementTest
from riskregister.refusals import Refused
from riskregister.text import clean_name, clean_reason

_FIELDS = {"control": EnforcementTest.Control, "result": EnforcementTest.Result}


class TestInvalid(Refused):
    """What is said of the test cannot be so."""

    # It is no class of tests.
    __test__ = False


@step("enforcement_test.recorded", needs=Capability.WRITE, makes=EnforcementTest)
def record(
    *, unit: Unit, client: str, version: str, control: str, how: str, result: str, tried_on: date,
    by: Principal, now: datetime,
) -> Done[EnforcementTest]:  # fmt: skip
    """Return a test of whether a client obeys; what does not hold is told to managers and approvers of the unit.

    Raises TestInvalid for a day to come or a word that is none of the choices, Refused for an empty text.
    """
    for name, value in (("control", control), ("result", result)):
        if value not in _FIELDS[name].values:
            raise TestInvalid(f"Say one of {', '.join(_FIELDS[name].values)}.", field=name)
    if tried_on > timezone.localdate(now):
        raise TestInvalid("Give the day on which it was tried, today at the latest.", field="tried_on")
    made = EnforcementTest(
        unit=unit, client=clean_name(client, field="client"), version=clean_name(version, field="version"),
        control=control, how=clean_reason(how, field="how"), result=result, tried_on=tried_on,
        tried_by=principals.person_of(by), recorded_at=now,
    )  # fmt: skip
    made.save(force_insert=True)
    details = {"client": made.client, "version": made.version, "control": made.get_control_display()}
    return Done(made, tried_on=tried_on.isoformat(), outcome=result, **details)
