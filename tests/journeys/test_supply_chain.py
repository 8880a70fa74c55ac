"""From a lock file to a closed finding, at the browser: an advisory hits, people and machines are told, a fix ends it.

The lock files and the advisory are real (demo/inventories, demo/feeds). The jobs are done by the worker's own loop, the
mail goes over SMTP, and the webhook to a receiver that checks it with the official library of Standard Webhooks.
"""

import ipaddress
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from playwright.sync_api import Page, expect
from standardwebhooks import Webhook

from demo import captures
from findings.models import Finding
from jobs import queue, runner
from riskregister.env import BASE_DIR
from tests import cast
from tests.alerts import receiver as receivers
from tests.alerts.receiver import Receiver
from tests.alerts.test_mail import Server as SmtpServer
from tests.alerts.test_mail import smtp
from tests.cast import Cast
from tests.journeys.visitor import Visit
from vendors.models import Server
from vendors.registering import importing, registration

__all__ = ["smtp"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]
LOCKS = BASE_DIR / "demo" / "inventories"
BEFORE, AFTER = LOCKS / "git-2026-06-29" / "uv.lock", LOCKS / "git-2026-07-29" / "uv.lock"
ADVISORY = "PYSEC-2026-3481"
TITLE = "mcp: MCP Python SDK: Experimental task handlers allow any client to access and cancel other clients' tasks"
# Some days after the advisory was published: one that is dated ahead would be put aside.
BEGUN = datetime(2026, 7, 28, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LOOPBACK = [ipaddress.ip_network("127.0.0.0/8")]


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.OUTBOUND_ALLOW = LOOPBACK
    with receivers.running() as served:
        yield served


@pytest.fixture
def advisory(tmp_path: Path) -> Path:
    """Return a file with the one advisory of this story."""
    lines = (BASE_DIR / "demo" / "feeds" / "advisories-2.jsonl").read_text(encoding="utf-8").splitlines()
    path = tmp_path / "advisories.jsonl"
    path.write_text("".join(f"{line}\n" for line in lines if f'"id":"{ADVISORY}"' in line), encoding="utf-8")
    return path


def set_up() -> tuple[Cast, Server]:
    """Return the cast, and a server that alice owns: that of the demo whose lock files these are."""
    people = cast.assemble()
    document = captures.load("git").server_json
    server, _release = importing.import_server_json(document, unit=people.payments, by=people.alice, now=BEGUN)
    registration.edit_server(server, changes={"owner": people.alice}, by=people.alice, now=BEGUN)
    return people, server


def work(now: datetime) -> None:
    """Do what a worker finds to do at a moment, until nothing is left."""
    with time_machine.travel(now):
        queue.plan(now=timezone.now())
        queue.do_chores(now=timezone.now())
        while runner.run_due(now=timezone.now()):
            queue.do_chores(now=timezone.now())


def give(page: Page, server: Server, lock: Path) -> None:
    """Give the inventory of the server."""
    page.goto(f"/servers/{server.pk}/built-from/")
    page.get_by_role("link", name="Give an inventory").first.click()
    page.get_by_label("The file").set_input_files(lock)
    page.get_by_role("button", name="Take it in").click()
    expect(page.get_by_text("They are compared next.")).to_be_visible()


def add_feed(page: Page, advisory: Path) -> None:
    """Add a feed for files that somebody brings, and bring one."""
    page.goto("/feeds/add/")
    page.get_by_label("What it brings").select_option("osv")
    page.get_by_label("Name").fill("Advisories")
    page.get_by_label("Where its files come from").select_option("upload")
    page.get_by_role("button", name="Add the feed").click()
    page.get_by_role("link", name="Upload a file").click()
    page.get_by_label("File").set_input_files(advisory)
    page.get_by_role("button", name="Take it in").click()
    expect(page.get_by_text("This page shows what comes of it.").first).to_be_visible()


def open_channel(page: Page, address: str) -> str:
    """Open a signed webhook, and return its secret, which is shown once."""
    page.goto("/channels/add/")
    page.get_by_label("Name").fill("Pager")
    page.get_by_label("What is at the other end").select_option("webhook")
    page.get_by_label("Address").fill(address)
    page.get_by_role("button", name="Open the channel").click()
    return page.locator("#secret").input_value()


def write_rule(page: Page) -> None:
    """Let the channel be told of findings that are opened."""
    page.goto("/alert-rules/add/")
    page.get_by_label("Name").fill("New findings to the pager")
    page.get_by_label("What it is about").select_option("finding.opened")
    page.get_by_label("Channels").select_option(label="CH-1 Pager")
    page.get_by_role("button", name="Write the rule").click()
    # The page shows what it would have said last week; the rule itself is one up.
    page.goto(f"{page.url.removesuffix('last-week/')}start/")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_text("is started.").first).to_be_visible()


def test_a_lock_file_an_advisory_an_alert_and_the_fix(
    transactional_db: None, visit: Visit, smtp: SmtpServer, receiver: Receiver, advisory: Path
) -> None:
    with time_machine.travel(BEGUN):
        people, server = set_up()
        alice, ada, mia = (visit(person) for person in (people.alice, people.ada, people.mia))
        give(alice.page, server, BEFORE)
        secret = open_channel(mia.page, f"{receiver.url}/hook")
        write_rule(mia.page)
        work(BEGUN + HOUR)
        assert not Finding.objects.exists()
        add_feed(ada.page, advisory)
    work(BEGUN + 2 * HOUR)
    work(BEGUN + 3 * HOUR)

    finding = Finding.objects.get()
    assert (finding.title, finding.status) == (f"{TITLE} (CVE-2026-52870)", "open")
    _is_told(finding, secret, receiver, smtp)
    with time_machine.travel(BEGUN + 3 * HOUR):
        alice.page.goto("/inbox/")
        alice.page.get_by_role("button", name="CVE-2026-52870").first.click()
        expect(alice.page.get_by_role("heading", level=1)).to_have_text(finding.title)
        expect(alice.page.get_by_text("Ask the vendor for a release with mcp 1.27.2 or later").first).to_be_visible()

    assert finding.due_on is not None
    overdue = BEGUN + (finding.due_on - BEGUN.date() + 8 * DAY)
    work(overdue)
    with time_machine.travel(overdue):
        later = visit(people.mia)
        later.page.goto(f"/findings/{finding.pk}/")
        later.page.get_by_role("link", name="Acknowledge", exact=True).click()
        later.page.get_by_label("What happens now").fill("The vendor has a release; we take it on Friday.")
        later.page.get_by_role("button", name="I have it").click()
        expect(later.page.get_by_text("Acknowledged. Nobody further up is told.")).to_be_visible()

        again = visit(people.alice)
        give(again.page, server, AFTER)
    work(overdue + HOUR)
    with time_machine.travel(overdue + HOUR):
        again.page.goto(f"/findings/{finding.pk}/")
        expect(again.page.get_by_text("contains mcp 1.28.1, which it does not hit.").first).to_be_visible()
    finding.refresh_from_db()
    assert (finding.status, finding.is_observed) == ("closed", False)
    assert [*alice.troubles, *ada.troubles, *mia.troubles, *later.troubles, *again.troubles] == []


def _is_told(finding: Finding, secret: str, receiver: Receiver, smtp: SmtpServer) -> None:
    """The receiver knows that the register sent it, and the owner has one mail about it."""
    [post] = receiver.posts
    sent = datetime.fromtimestamp(int(post.headers["webhook-timestamp"]), tz=UTC)
    assert BEGUN + 2 * HOUR <= sent < BEGUN + 4 * HOUR
    with time_machine.travel(sent):
        # A receiver takes no message that is older than five minutes.
        payload = Webhook(secret).verify(post.body, post.headers)
    [alert] = payload["data"]["alerts"]
    assert (payload["type"], alert["url"].rpartition("/")[2]) == ("finding.opened", str(finding.pk))
    to_alice = [one for one in smtp.box.received if one["To"] == "alice@example.org"]
    assert [finding.ref in one.get_content() for one in to_alice].count(True) == 1
