"""People told in time, at the browser: approvals that end, what escalates or got worse, mail as somebody wants it.

And the number of each tile is that of the list and the file behind it.
"""

import csv
import io
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Locator, expect

from alerts import bundles
from decisions.approvals import approval_ends
from decisions.reviews import review_schedule
from escalations import climbing, ladders
from findings import register
from findings.models import Finding
from tests.alerts.test_bundles import work
from tests.alerts.test_mail import Server, smtp
from tests.api.caller import frozen
from tests.assessments import scenes
from tests.assessments.scenes import Scene
from tests.cast import NOON
from tests.journeys.visitor import Visit, Visitor
from vendors.models.deployment import FACTS
from vendors.registering import deployments, registration

__all__ = ["smtp"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]
DAY = timedelta(days=1)
LOW = dict.fromkeys(FACTS, "low")


@pytest.fixture
def scene(transactional_db: None) -> Scene:
    """Return a server of low exposure that bob approved and agents use."""
    found = scenes.set_up()
    alice = found.people.alice
    registration.set_exposure(found.server, facts=LOW, by=alice, now=NOON)
    found.approved()
    deployments.add_deployment(
        found.server, name="Desk", environment="production", agent="Desk agent", in_use_since=NOON.date(),
        by=alice, now=NOON, **LOW,
    )  # fmt: skip
    return found


def raised(scene: Scene, title: str, severity: int, *, at: datetime = NOON) -> Finding:
    people = scene.people
    return register.open_by_hand(
        scene.server, title=title, severity=severity, dimension="data_handling", by=people.bob, now=at
    )


def queue(visitor: Visitor, title: str) -> Locator:
    """Return the queue of the home page with this title."""
    return visitor.page.locator("section").filter(has=visitor.page.get_by_role("heading", name=title))


def climb(now: datetime) -> None:
    for ladder in ladders.every():
        climbing.climb(ladder, now=now)


def test_an_approval_that_ends_is_told_and_reviewed_and_no_longer_approves(
    scene: Scene, visit: Visit, smtp: Server
) -> None:
    server = scene.another_server()
    approval = scene.approved(server, valid_until=NOON.date() + 100 * DAY)
    before, after = NOON + 70 * DAY, NOON + 101 * DAY
    with frozen(before):
        approval_ends.tell(now=before)
        work(before)
        # In a month is not urgent: the mail comes in the morning.
        work(bundles.next_digest(before))
        review_schedule.open_due(now=before)
        bob = visit(scene.people.bob)
        bob.page.goto("/")
        expect(queue(bob, "Ends within 30 days")).to_contain_text(f"{server.title}")
        bob.page.goto("/inbox/")
        title = f"The approval of {server} ends in 30 days"
        bob.page.get_by_role("button", name=title).click()
        expect(bob.page.get_by_role("heading", level=1)).to_have_text(f"{server.title} 1.0.0")
        assert any(title in one.get_content() for one in smtp.box.received if one["To"] == "alice@example.org")

    with frozen(after):
        approval_ends.tell(now=after)
        alice = visit(scene.people.alice)
        alice.page.goto(f"/servers/{server.pk}/")
        expect(alice.page.get_by_text("Approval expired").first).to_be_visible()
        for asked, count in (("in_date", 0), ("expired", 1)):
            alice.page.goto(f"/servers/?approval={asked}")
            expect(alice.page.locator("#list")).to_be_visible()
            expect(alice.page.get_by_role("link", name=server.title)).to_have_count(count)
        alice.page.goto("/reviews/?assignee=me")
        alice.page.get_by_role("link", name=server.title).click()
        expect(alice.page.get_by_text(f"{approval.ref} ends on 10 Jun 2026.").first).to_be_visible()
        alice.page.get_by_role("link", name="Start the assessment").click()
        alice.page.get_by_role("button", name="Start the assessment").click()
        expect(alice.page.get_by_text("is started. Begin with any of the five parts.")).to_be_visible()
        assert [*bob.troubles, *alice.troubles] == []


def test_the_number_of_each_tile_is_that_of_its_list_and_of_its_file(scene: Scene, visit: Visit) -> None:
    with frozen(NOON):
        for severity in (1, 2, 4):
            raised(scene, f"Keys are not rotated, {severity}", severity)
    later = NOON + 40 * DAY
    with frozen(later):
        mia = visit(scene.people.mia)
        mia.page.goto("/dashboard/")
        tiles = mia.page.locator(".dashboard-tiles a")
        expect(tiles.first).to_be_visible()
        shown = [
            (one.locator(".figure-value").inner_text().split()[0], one.get_attribute("href")) for one in tiles.all()
        ]
        counted = [(number, *_behind(mia, str(address))) for number, address in shown]

        assert [one for one in counted if len(set(one)) != 1] == []
        assert sum(int(number) for number, *_rest in counted) > 3
        assert len(counted) > 4
        assert mia.troubles == []


def _behind(visitor: Visitor, address: str) -> tuple[str, str]:
    """Return how many the list at an address says that it has, and how many lines its file has."""
    page = visitor.page
    page.goto(address)
    expect(page.locator("#list")).to_be_visible()
    foot = page.locator("#list .table-foot")
    listed = foot.inner_text().split(" of ")[1].split()[0] if foot.count() else "0"
    with page.expect_download() as download:
        page.locator("#csv").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    return listed, str(len(list(csv.reader(io.StringIO(text)))) - 1)


def test_a_manager_sees_what_nobody_has_and_acknowledges_it(scene: Scene, visit: Visit, smtp: Server) -> None:
    with frozen(NOON):
        finding = raised(scene, "Keys are not rotated", 2)
    assert finding.due_on is not None
    later = NOON + (finding.due_on - NOON.date() + 4 * DAY)
    with frozen(later):
        climb(later)
        # What the clock finds is told half a minute later, with the rest of its sweep.
        work(later)
        work(later + DAY / 24)
        to_mia = [received for received in smtp.box.received if received["To"] == "mia@example.org"]
        assert any("Overdue finding, not acknowledged" in received.get_content() for received in to_mia)

        mia = visit(scene.people.mia)
        mia.page.goto("/")
        waiting = queue(mia, "Not acknowledged")
        expect(waiting).to_contain_text("Overdue finding. Told so far: everybody up to the managers.")
        waiting.get_by_role("link", name=str(finding)).click()
        expect(mia.page.get_by_role("heading", level=1)).to_have_text(str(finding))
        mia.page.get_by_role("link", name="Acknowledge", exact=True).click()
        mia.page.get_by_label("What happens now").fill("The vendor rotates them on Friday.")
        mia.page.get_by_role("button", name="I have it").click()
        expect(mia.page.get_by_text("Acknowledged. Nobody further up is told.")).to_be_visible()

        climb(later + 30 * DAY)
        alice = visit(scene.people.alice)
        alice.page.goto(f"/findings/{finding.pk}/")
        expect(alice.page.get_by_text("Overdue finding: Mia has it.")).to_be_visible()
        mia.page.goto("/")
        expect(queue(mia, "Not acknowledged")).to_have_count(0)
        assert [*mia.troubles, *alice.troubles] == []


def test_what_got_worse_than_approved_stands_on_the_home_until_it_is_better(scene: Scene, visit: Visit) -> None:
    with frozen(NOON + DAY):
        bob = visit(scene.people.bob)
        bob.page.goto("/")
        expect(queue(bob, "Approved, but got worse")).to_have_count(0)
        finding = raised(scene, "Keys leaked", 1, at=NOON + DAY)

        bob.page.goto("/")
        worse = queue(bob, "Approved, but got worse")
        worse.get_by_role("link", name=str(scene.server)).click()
        expect(bob.page.get_by_text("Approved, but got worse since")).to_be_visible()
        bob.page.goto("/servers/?got_worse=true")
        expect(bob.page.get_by_role("link", name=scene.server.title)).to_be_visible()
        bob.page.goto(f"/servers/{scene.server.pk}/")

        register.change_severity(finding, severity=4, reason="Revoked.", by=scene.people.bob, now=NOON + DAY)
        bob.page.goto("/")
        expect(queue(bob, "Approved, but got worse")).to_have_count(0)
        assert bob.troubles == []


def test_mail_comes_as_somebody_chose_and_critical_things_at_once(scene: Scene, visit: Visit, smtp: Server) -> None:
    with frozen(NOON):
        work(NOON)
        smtp.box.received.clear()
        alice = visit(scene.people.alice)
        alice.page.goto("/account/")
        alice.page.get_by_role("link", name="Choose what is mailed").click()
        alice.page.get_by_label("Findings", exact=True).select_option(label="Never, only in the inbox")
        alice.page.get_by_role("button", name="Keep this").click()
        expect(alice.page.get_by_text("Kept. Critical things still come at once.")).to_be_visible()

        raised(scene, "No retention", 2)
        leaked = raised(scene, "Keys leaked", 1)
        work(NOON + DAY / 24)

        to_alice = [one["Subject"] for one in smtp.box.received if one["To"] == "alice@example.org"]
        assert any(str(leaked) in subject for subject in to_alice)
        assert not any(
            "No retention" in one.get_content() for one in smtp.box.received if one["To"] == "alice@example.org"
        )
        alice.page.goto("/inbox/")
        expect(alice.page.get_by_role("button", name="No retention")).to_be_visible()
        assert alice.troubles == []
