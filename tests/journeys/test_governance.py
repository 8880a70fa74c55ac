"""A new vendor through all that is asked of vendors, at the browser, until one of its certificates runs out."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from assessments import lifecycle
from assessments.answers import answering
from assessments.models import Answer, Assessment
from assurance import rounds
from assurance.models import Certificate, DueDiligence
from catalogue.models import Dimension
from contracts.models import Contract
from decisions.ratings import ratings
from jobs import queue, runner
from reports import issuing, requests
from scoring import scoresheet
from tests import cast
from tests.assessments import documents, scenes
from tests.assessments.scenes import Scene
from tests.cast import NOON, TODAY
from tests.journeys.visitor import Visit, Visitor
from tests.web.signed_in import PASSWORD
from vendors.models import Deployment, Server, Vendor
from vendors.registering import deployments

pytestmark = [pytest.mark.browser, pytest.mark.slow]
DAY = timedelta(days=1)
NAME, ENTITY = "Northwind", "Northwind GmbH"
ENDS = TODAY + 120 * DAY
# How many answers rest on the certificate.
RESTING = 8


def work(now: datetime) -> None:
    """Do what a worker finds to do at a moment, until nothing is left."""
    with time_machine.travel(now):
        queue.plan(now=timezone.now())
        queue.do_chores(now=timezone.now())
        while runner.run_due(now=timezone.now()):
            queue.do_chores(now=timezone.now())


def fill(page: Page, values: Mapping[str, str]) -> None:
    """Fill in fields of the form by their names."""
    for name, value in values.items():
        page.locator(f"main [name='{name}']").fill(value)


def press(page: Page, name: str) -> None:
    page.locator("main").get_by_role("button", name=name, exact=True).click()


def register(page: Page) -> Vendor:
    """Put the vendor on the register."""
    page.goto("/vendors/register/")
    page.get_by_label("MCP server publisher").check()
    page.get_by_label("Relationship owner").select_option(label="Alice")
    page.get_by_text("Legal entity, parent company, notes").click()
    fill(page, {"name": NAME, "legal_entity": ENTITY})
    press(page, "Register")
    expect(page.get_by_role("heading", level=1)).to_have_text(NAME)
    return Vendor.objects.get(name=NAME)


def supplied(scene: Scene, vendor: Vendor) -> tuple[Server, Deployment]:
    """Return a server of the vendor and its deployment, which runs at governance tier 1."""
    server = scenes.register(scene.people, "com.northwind/ledger", publisher=vendor)
    row = deployments.add_deployment(
        server, name="Ledger desk", environment="production", agent="Ledger agent", in_use_since=TODAY,
        governance_tier=1, governance_revision="approved-specification", by=scene.people.alice, now=NOON,
        **cast.EXPOSURE,
    )  # fmt: skip
    return server, row


def look_at(alice: Page, bob: Page, vendor: Vendor, people: cast.Cast) -> None:
    """Do a round of due diligence, in which something is not as it should be; another person completes it."""
    alice.goto(f"/vendors/{vendor.pk}/assurance/")
    alice.get_by_role("link", name="Begin a round").click()
    press(alice, "Begin")
    first, *others = DueDiligence.objects.get(vendor=vendor).items.all()
    for item in others:
        rounds.record(item, outcome="satisfactory", looked_on=TODAY, by=people.alice, now=NOON)
    alice.goto(f"/vendors/{vendor.pk}/assurance/")
    alice.get_by_role("link", name="DD-1", exact=True).click()
    alice.get_by_role("link", name=f"Say what was found: {first.title}").click()
    alice.get_by_label("Unsatisfactory").check()
    fill(alice, {"looked_on": TODAY.isoformat(), "note": "It could not be shown."})
    press(alice, "Record it")
    expect(alice.get_by_text(f"{first.title} is recorded.")).to_be_visible()

    bob.goto(alice.url)
    bob.get_by_role("link", name="Complete the round").click()
    fill(bob, {"conclusion": "To be relied on, once that one thing is shown.", "password": PASSWORD})
    press(bob, "Complete it")
    expect(bob.get_by_text("DD-1 is complete.")).to_be_visible()
    finds(alice, vendor, f"Due diligence: {first.title} is unsatisfactory")


def agree(page: Page, vendor: Vendor) -> None:
    """Record a contract that is signed and gives no right to audit."""
    page.goto(f"/vendors/{vendor.pk}/contracts/draft/")
    fill(page, {"title": "Services agreement", "ends_on": (TODAY + 700 * DAY).isoformat()})
    press(page, "Go on to its clauses")
    clause = page.get_by_role("group", name="Right of access, inspection and audit")
    clause.get_by_label("In the contract").select_option("no")
    press(page, "Record")
    page.get_by_role("link", name="Send for signing").click()
    press(page, "Send for signing")
    page.get_by_role("link", name="Record the signatures").click()
    fill(page, {"signed_on": TODAY.isoformat(), "starts_on": TODAY.isoformat()})
    press(page, "Record the signatures")
    expect(page.get_by_text("CO-1 is in force.")).to_be_visible()
    assert Contract.objects.get().status == "active"
    finds(page, vendor, "Contract without: Right of access, inspection and audit")


def certify(page: Page, vendor: Vendor, paper: Path) -> Certificate:
    """Record a certificate with its document."""
    page.goto(f"/vendors/{vendor.pk}/certificates/iso_27001/")
    page.get_by_label("The document").set_input_files(paper)
    fill(page, {"scope": "The ledger", "issued_on": (TODAY - 30 * DAY).isoformat(), "ends_on": ENDS.isoformat()})
    press(page, "Record it")
    expect(page.get_by_text("CE-1 is recorded.")).to_be_visible()
    return Certificate.objects.get()


def go_up(page: Page, row: Deployment) -> None:
    """See what is missing for the tier above, and plan the way to it."""
    page.goto(f"/gap-to-tier/{row.pk}/?tier=2")
    expect(page.get_by_text("controls are missing, about")).to_be_visible()
    page.get_by_role("link", name="Plan the way up").click()
    page.get_by_label("To tier").select_option("2")
    fill(page, {"target_on": (TODAY + 180 * DAY).isoformat()})
    press(page, "Make the plan")
    expect(page.get_by_text("The plan is made.")).to_be_visible()
    page.goto("/tier-plans/")
    expect(page.locator("#list")).to_contain_text(row.name)


def judge(scene: Scene, server: Server, certificate: Certificate) -> Assessment:
    """Return a final assessment of the server with answers that rest on the certificate, in which bob found them."""
    people = scene.people
    draft = scene.draft(server)
    answers = Answer.objects.filter(assessment=draft, option__quarters=4, question__fresh_days=None)
    for row in answers.order_by("question__position")[:RESTING]:
        answering.attach(row, certificate.evidence, by=people.alice, now=NOON)
        documents.verify(row, certificate.evidence, by=people.bob)
    lifecycle.submit(draft, by=people.alice, now=NOON)
    carlos = cast.person("carlos", role="approver", unit=people.payments)
    lifecycle.finalise(draft, by=carlos, now=NOON, accept_dimensions=Dimension.values)
    return Assessment.objects.get(pk=draft.pk)


def finds(page: Page, vendor: Vendor, title: str) -> None:
    """The vendor's page shows an open finding."""
    page.goto(f"/vendors/{vendor.pk}/findings/")
    expect(page.get_by_role("link", name=title).first).to_be_visible()


def shown(page: Page, server: Server) -> tuple[str, str]:
    """Return score and confidence on the server's page."""
    page.goto(f"/servers/{server.pk}/")
    rating = page.get_by_role("region", name="Rating")
    confidence = rating.locator("dl div").filter(has_text="Confidence").locator("dd")
    return rating.locator(".score-value").inner_text(), confidence.inner_text().strip()


def reported(assessment: Assessment, by: User, *, now: datetime) -> tuple[str, list[tuple[int, int]]]:
    """Return the score that a report of the moment prints, and the levels of evidence that dropped, from and to."""
    report = requests.request_assessment_report(assessment, by=by, now=now)
    issuing.read(report, now=now)
    rating = issuing.data_of(report)["rating"]
    changed = [(one["frozen"]["evidence_level"], one["now"]["evidence_level"]) for one in rating["overlaid"]]
    return rating["overall"], changed


def told(visitor: Visitor, title: str) -> None:
    """The inbox has it."""
    visitor.page.goto("/inbox/")
    expect(visitor.page.get_by_role("button", name=title).first).to_be_visible()


def test_a_vendor_is_looked_at_and_bound_and_its_certificate_runs_out(
    transactional_db: None, visit: Visit, tmp_path: Path
) -> None:
    paper = tmp_path / "certificate.txt"
    paper.write_text("Certificate 27001/4711", encoding="utf-8")
    with time_machine.travel(NOON):
        scene = scenes.set_up()
        people = scene.people
        people.bob.set_password(PASSWORD)
        people.bob.save(update_fields=["password"])
        alice, bob = visit(people.alice), visit(people.bob)
        vendor = register(alice.page)
        server, row = supplied(scene, vendor)
        look_at(alice.page, bob.page, vendor, people)
        agree(alice.page, vendor)
        certificate = certify(alice.page, vendor, paper)
        go_up(alice.page, row)
        assessment = judge(scene, server, certificate)
        before = shown(alice.page, server)
        score = scoresheet.text(ratings.current(server, now=NOON).overall)

    ahead = NOON + (ENDS - TODAY) - 30 * DAY
    work(ahead)
    with time_machine.travel(ahead):
        told(visit(people.alice), f"CE-1 ISO 27001 certificate of {ENTITY} ends in 30 days")

    after = NOON + (ENDS - TODAY) + DAY
    work(after)
    with time_machine.travel(after):
        later = visit(people.alice)
        told(later, f"CE-1 ISO 27001 certificate of {ENTITY} counts no more")
        finds(later.page, vendor, "ISO 27001 certificate counts no more")
        assert shown(later.page, server) != before
        later.page.goto(f"/certificates/{certificate.pk}/")
        expect(later.page.get_by_role("link", name=server.title).first).to_be_visible()
        printed, dropped = reported(assessment, people.bob, now=after)
    assert dropped == [(3, 2)] * RESTING
    assert printed != score
    assert [*alice.troubles, *bob.troubles, *later.troubles] == []
