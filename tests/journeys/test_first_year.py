"""The first year of a server in the register, from an empty installation on, told in real browsers."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests import template
from tests.installation import Installation
from tests.journeys import steps
from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]

GAP = "provenance.source_available"
FINDING = "Source of the running version cannot be reviewed"
STAFF = {"Alice": "Analyst", "Bob": "Approver", "Mia": "Manager", "Carol": "Auditor"}


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_the_first_year_of_a_server(
    installation: Callable[..., Installation],
    new_context: Callable[..., BrowserContext],
    tmp_path: Path,
    scripts: bool,
) -> None:
    running = installation("--empty", folder=template.copy_into(tmp_path / "data"))
    origin = running.address()

    def visit(name: str) -> Visitor:
        return Visitor(name, origin, new_context, java_script_enabled=scripts)

    ada = visit("Ada")
    steps.set_password(ada, steps.first_link(running))
    steps.sign_in(ada, "administrator@localhost")
    steps.open_unit(ada, "Payments", "payments")
    staff = {name: visit(name) for name in STAFF}
    for name, role in STAFF.items():
        steps.set_password(staff[name], steps.invite(ada, name, role, "Payments"))
        steps.sign_in(staff[name], steps.address_of(name))
    alice, bob, mia, carol = staff.values()

    capture = steps.Capture("context7")
    steps.register_vendor(alice, capture.vendor)
    server = steps.import_server(alice, capture)
    steps.import_tools(alice, server, capture, tmp_path)
    steps.add_deployment(alice, server, name="Support desk", since=date.today())

    assessment = steps.start_assessment(alice, server)
    steps.answer_all(alice, but={GAP: "closed"}, autosaved=scripts)
    log = tmp_path / "rotation.txt"
    log.write_text("Q1 rotated\nQ2 rotated\n")
    steps.attach_evidence(alice, assessment, "provenance.signed_releases", log)
    steps.submit(alice, assessment)

    alice.page.goto(f"{assessment}decide/")
    expect(alice.page.get_by_text("You cannot decide on this.")).to_be_visible()
    forged: dict[str, str | float | bool] = {"decision": "approve", "reason": "Mine.", "password": steps.PASSWORD}
    assert steps.post_as_if_allowed(alice, f"{assessment}decide/", **forged) == 403
    with mia.refused(403):
        mia.page.goto(f"{assessment}return/")
    steps.approve(bob, assessment)
    before = steps.rating(bob, server)

    number = steps.open_finding(alice, FINDING)
    steps.plan_fix(alice, "Write to the vendor", date.today() + timedelta(days=7))
    steps.claim_fixed(alice, steps.options()[GAP]["public_commit"], log)
    expect(alice.page.get_by_role("link", name="Verify the fix")).to_have_count(0)
    steps.verify_fix(bob, FINDING)
    after = steps.rating(bob, server)
    assert float(after) > float(before), f"The rating was {before} and is {after}."

    due = steps.planned_review(alice, server)
    steps.alerts(alice)
    steps.sweep(running, due - timedelta(days=31))
    assert not any(title.startswith("Review") for title in steps.alerts(alice))
    steps.sweep(running, due - timedelta(days=30))
    opened = steps.told(alice, capture.title, "review")
    alice.page.get_by_role("button", name=opened).click()
    expect(alice.page.get_by_role("heading", level=1)).to_have_text(f"Review of {capture.title}")
    expect(alice.page.get_by_role("link", name="Start the assessment")).to_be_visible()

    report = steps.ask_for_report(bob, assessment)
    text = steps.download_report(carol, report)
    squeezed = re.sub(r"\s+", "", text)
    [digest] = carol.page.locator("dd .digest").all_inner_texts()
    assert digest in squeezed
    assert number in text
    assert after in text.split()
    assert capture.title in text

    troubles = [line for visitor in (ada, *staff.values()) for line in visitor.troubles]
    assert troubles == []
