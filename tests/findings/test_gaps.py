"""What a rule demands and is not there is a finding for as long as it is missing, and the same one when it is again."""

import pytest

from findings.models import Finding
from findings.observed import gaps
from scoring.scales import Severity
from tests import cast
from tests.assessments.scenes import in_time
from tests.tables import for_each
from vendors.models import Server, Vendor

pytestmark = pytest.mark.django_db
AUDIT = gaps.Gap(
    key="contract:CO-1:audit",
    severity=Severity.HIGH,
    title="No right to audit",
    description="Contract CO-1 gives no right to audit.",
    recommendation="Agree on a right to audit.",
)
EXIT = gaps.Gap(
    key="contract:CO-1:exit",
    severity=Severity.MEDIUM,
    title="No exit",
    description="Contract CO-1 has no exit.",
    recommendation="Agree on an exit.",
)


@pytest.fixture(params=["server", "vendor"])
def subject(request: pytest.FixtureRequest) -> Server | Vendor:
    people = cast.assemble()
    return cast.a_server(people) if request.param == "server" else cast.a_vendor(people)


def hand_in(
    subject: Server | Vendor, *missing: gaps.Gap, days: int = 0, prefix: str = "contract:CO-1:"
) -> list[Finding]:
    return gaps.hand_in(subject, missing, prefix=prefix, filled="The contract has it.", now=in_time(days))


def statuses() -> dict[str, str]:
    return dict(Finding.objects.values_list("stable_key", "status"))


def test_what_is_missing_is_open_and_what_is_filled_closed(subject):
    hand_in(subject, AUDIT, EXIT)
    hand_in(subject, AUDIT, days=1)

    assert statuses() == {AUDIT.key: "open", EXIT.key: "closed"}
    assert Finding.objects.get(stable_key=EXIT.key).close_reason == "The contract has it."


def test_a_gap_that_is_back_is_the_same_finding_open_again(subject):
    (first,) = hand_in(subject, AUDIT)
    hand_in(subject, days=1)
    (again,) = hand_in(subject, AUDIT, days=2)

    assert (again.pk, again.status) == (first.pk, "open")


@for_each("prefix", ["contract:CO-2:", "certificate:"])
def test_what_another_rule_found_stays(subject, prefix):
    hand_in(subject, AUDIT)
    hand_in(subject, prefix=prefix, days=1)

    assert statuses() == {AUDIT.key: "open"}
