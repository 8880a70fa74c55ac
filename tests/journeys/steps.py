"""What people do in the register, in their words; each step drives real pages and looks at what they show."""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import yaml
from playwright.sync_api import Locator, Page, expect
from pypdf import PdfReader

from riskregister import env, variables
from tests.installation import Installation
from tests.journeys.visitor import Visitor
from tests.waiting import until

PASSWORD = "a long walk by the harbour"
CAPTURES = env.BASE_DIR / "demo" / "servers"
QUESTIONS = env.BASE_DIR / "catalogue" / "data" / "question-set-2"
DIMENSIONS = {
    "Code provenance": "provenance",
    "Permission scope": "permission_scope",
    "Data handling": "data_handling",
    "Security posture": "security_posture",
    "Operational resilience": "operational_resilience",
}
DAY = re.compile(r"\d{1,2} [A-Z][a-z]+ \d{4}")


@dataclass
class Capture:
    """A real public server as it was captured: its server.json, its tools and how they were read."""

    key: str
    document: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.document = json.loads((CAPTURES / f"{self.key}.json").read_text())

    @property
    def vendor(self) -> dict[str, str]:
        return dict(self.document["vendor"])

    @property
    def server_json(self) -> dict[str, Any]:
        return dict(self.document["server_json"])

    @property
    def title(self) -> str:
        return str(self.server_json["title"])

    @property
    def tools(self) -> dict[str, Any]:
        return dict(self.document["captured"]["tools_list"])

    @property
    def command(self) -> str:
        return " ".join(self.document["captured"]["command"])


@cache
def options() -> dict[str, dict[str, str]]:
    """Return the text of each option of each question, best first, by the keys of both."""
    found = {}
    for path in sorted(QUESTIONS.glob("*.yaml")):
        for question in yaml.safe_load(path.read_text()).get("questions", []):
            rows = sorted(question["options"], key=lambda row: _value(row["value"]), reverse=True)
            found[question["key"]] = {row["key"]: row["text"] for row in rows}
    return found


def _value(written: str | float) -> float:
    above, _, below = str(written).partition("/")
    return float(above) / float(below or 1)


# Ways in


def first_link(installation: Installation) -> str:
    """Return the one-time link of the first administrator, as the installation printed it."""
    found = re.search(r"http\S+/set-password/\S+", installation.printed)
    assert found, installation.printed
    return found[0]


def set_password(visitor: Visitor, link: str) -> None:
    """Set the first password through a one-time link."""
    visitor.page.goto(link)
    visitor.page.get_by_label("New password", exact=True).fill(PASSWORD)
    visitor.page.get_by_label("New password, again").fill(PASSWORD)
    press(visitor.page, "Set the password")
    expect(visitor.page.get_by_text("Your password is set.")).to_be_visible()


def sign_in(visitor: Visitor, email: str) -> None:
    """Sign in and arrive at home."""
    visitor.page.goto("/sign-in/")
    visitor.page.get_by_label("E-mail address").fill(email)
    visitor.page.get_by_label("Password", exact=True).fill(PASSWORD)
    press(visitor.page, "Sign in")
    expect(visitor.page.get_by_role("heading", level=1)).to_contain_text("Good to see you")


def open_unit(visitor: Visitor, name: str, code: str) -> None:
    """Open a business unit."""
    go(visitor, "People")
    visitor.page.get_by_role("link", name="Units", exact=True).click()
    visitor.page.get_by_label("Name", exact=True).fill(name)
    visitor.page.get_by_label("Short code").fill(code)
    press(visitor.page, "Open the unit")
    expect(visitor.page.get_by_role("rowheader", name=name)).to_be_visible()


def invite(visitor: Visitor, name: str, role: str, unit: str) -> str:
    """Invite a person, give the role, and return the one-time link that is handed over."""
    page = visitor.page
    go(visitor, "People")
    page.get_by_role("link", name="Invite a person").click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("E-mail address").fill(address_of(name))
    press(page, "Invite")
    page.get_by_label("Role", exact=True).select_option(label=role)
    page.get_by_label("Where").select_option(label=unit)
    page.locator("form").filter(has_text="Give a role").get_by_label("Your password").fill(PASSWORD)
    press(page, "Give the role")
    expect(page.get_by_role("listitem").filter(has_text=f"{role} in {unit}")).to_be_visible()
    page.get_by_role("link", name="Make a link to copy").click()
    page.get_by_label("Your password").fill(PASSWORD)
    press(page, "Make the link")
    return page.get_by_label(f"One-time link for {name}").input_value()


def address_of(name: str) -> str:
    """Return the address under which a person signs in."""
    return f"{name.lower()}@example.org"


# Registering


def register_vendor(visitor: Visitor, vendor: dict[str, str]) -> None:
    """Register a vendor that publishes servers."""
    page = visitor.page
    go(visitor, "Vendors")
    page.get_by_role("link", name="Register a vendor").first.click()
    page.get_by_label("Name", exact=True).fill(vendor["name"])
    page.get_by_label("MCP server publisher").check()
    page.get_by_label("Website").fill(vendor["website"])
    page.get_by_label("Country").fill(vendor["country"])
    press(page, "Register")
    expect(page.get_by_role("heading", level=1)).to_have_text(vendor["name"])


def import_server(visitor: Visitor, capture: Capture) -> str:
    """Look at a server.json, import it, and return the address of the new server."""
    page = visitor.page
    go(visitor, "Servers")
    page.get_by_role("link", name="Register a server").first.click()
    page.get_by_label("The document").fill(json.dumps(capture.server_json))
    page.get_by_label("Publisher").select_option(label=capture.vendor["name"])
    press(page, "Look at it first")
    expect(page.get_by_role("region", name="What it says")).to_contain_text(capture.server_json["name"])
    press(page, "Import")
    expect(page.get_by_role("heading", level=1)).to_have_text(capture.title)
    return re.sub(r"(/servers/[^/]+/).*", r"\1", page.url)


def import_tools(visitor: Visitor, server: str, capture: Capture, folder: Path) -> None:
    """Upload the captured tools/list of the server's release."""
    page = visitor.page
    captured = folder / "tools-list.json"
    captured.write_text(json.dumps(capture.tools))
    page.goto(f"{server}releases/")
    page.get_by_role("link", name="Import its tools").click()
    page.get_by_label("Or the file").set_input_files(captured)
    page.get_by_label("Captured at").fill("2026-09-01T10:00")
    page.get_by_label("Command that captured it").fill(capture.command)
    press(page, "Import")
    page.goto(f"{server}tools/")
    for tool in capture.tools["tools"]:
        expect(page.get_by_role("rowheader", name=tool["name"]).first).to_be_visible()


def add_deployment(visitor: Visitor, server: str, *, name: str, since: date) -> None:
    """Say where the server runs, for whom, and how much harm it could do there: moderate each time."""
    page = visitor.page
    page.goto(f"{server}deployments/")
    page.get_by_role("link", name="Add a deployment").first.click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Agent or use case").fill("Support assistant")
    page.get_by_label("In use since").fill(since.isoformat())
    page.get_by_label("Personal data", exact=False).select_option(label="Reaches none")
    for group in all_of(page, "fieldset"):
        group.get_by_label(re.compile(r"^\s*Moderate: ")).check()
    press(page, "Add")
    expect(page.get_by_role("heading", name=name)).to_be_visible()


# Assessing


def start_assessment(visitor: Visitor, server: str) -> str:
    """Start the first assessment of a server; return its address."""
    visitor.page.goto(server)
    visitor.page.get_by_role("link", name="Start an assessment").first.click()
    press(visitor.page, "Start")
    expect(visitor.page.get_by_role("heading", name="What is to be done")).to_be_visible()
    return visitor.page.url


def answer_all(visitor: Visitor, *, but: dict[str, str], autosaved: bool) -> None:
    """Answer the five parts with the best option that the register does not contradict, or for questions in `but` with
    that one; end at the check.
    """
    page = visitor.page
    page.get_by_role("link", name="Code provenance").first.click()
    for title in DIMENSIONS:
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        given = [_answer(part, but) for part in all_of(page, "fieldset[data-question]")]
        if autosaved:
            expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
            page.reload()
            for key, text in given:
                expect(_question(page, key).get_by_label(text, exact=True)).to_be_checked()
        page.get_by_role("button", name=re.compile("^Save and (go on|check your answers)$")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your answers")


def _answer(part: Locator, but: dict[str, str]) -> tuple[str, str]:
    key = str(part.get_attribute("id"))
    question = key.partition("@")[0]
    known = options()[question]
    # One that the register knows otherwise is labelled with that too, so that its text alone does not find it.
    texts = [known[but[question]]] if question in but else known.values()
    text = next(one for one in texts if part.get_by_label(one, exact=True).count())
    part.get_by_label(text, exact=True).check()
    for day in part.locator("input[type=date]").all():
        day.fill(date.today().isoformat())
    return key, text


def _question(page: Page, key: str) -> Locator:
    return page.locator(f"fieldset[id='{key}']")


def attach_evidence(visitor: Visitor, assessment: str, key: str, file: Path) -> None:
    """Upload a file as evidence of an answer, and record that it was checked."""
    page = visitor.page
    page.goto(f"{assessment}dimensions/{key.partition('.')[0]}/")
    _question(page, key).get_by_role("button", name="Add evidence").click()
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_label("Title").fill("Key rotation log")
    press(page, "Attach")
    expect(_question(page, key)).to_contain_text("Key rotation log")
    _question(page, key).get_by_role("button", name="Verify").click()
    page.get_by_label("What it shows of this answer").fill("The keys of the last four quarters were changed.")
    page.get_by_label("Where in the document").fill("Lines 3 to 40")
    page.get_by_label("Its date").fill("2026-01-15")
    press(page, "Record what it shows")
    expect(_question(page, key)).to_contain_text("Verified")


def submit(visitor: Visitor, assessment: str) -> None:
    """Submit the answers as the check shows them."""
    page = visitor.page
    page.goto(f"{assessment}check/")
    expect(page.get_by_text("Every question is answered.")).to_be_visible()
    press(page, "Submit")
    expect(page.locator("main")).to_contain_text("submitted this")


def post_as_if_allowed(visitor: Visitor, path: str, **fields: str | float | bool) -> int:
    """Post a form that the pages do not offer to this person, with a valid CSRF token; return the status."""
    token = next(cookie["value"] for cookie in visitor.context.cookies() if "csrf" in cookie.get("name", ""))
    headers = {"X-CSRFToken": str(token), "Referer": visitor.origin}
    answer = visitor.context.request.post(path, form=fields, headers=headers, max_redirects=0)
    return answer.status


def approve(visitor: Visitor, assessment: str) -> None:
    """Review the submission and approve it, signed with the password."""
    page = visitor.page
    page.goto(assessment)
    page.get_by_role("link", name="Review and decide").click()
    page.get_by_role("link", name="Decide", exact=True).click()
    page.get_by_label(re.compile(r"^\s*Approve: ")).check()
    page.get_by_label("Reason").fill("The one gap is being closed.")
    page.get_by_label("Your password").fill(PASSWORD)
    press(page, "Sign the decision")
    expect(page.get_by_text("is on record.")).to_be_visible()


def rating(visitor: Visitor, server: str) -> str:
    """Return the current assurance score as the server's page shows it, such as 71.25."""
    visitor.page.goto(server)
    return visitor.page.get_by_role("region", name="Rating").locator(".score-value").inner_text()


# Findings


def open_finding(visitor: Visitor, title: str) -> str:
    """Open a finding from the risk register; return its number."""
    go(visitor, "Risk register")
    visitor.page.get_by_role("link", name=title).click()
    found = re.search(r"F-\d+", visitor.page.locator("main").inner_text())
    assert found
    return found[0]


def plan_fix(visitor: Visitor, milestone: str, by: date) -> None:
    """Plan the fix of the open finding with one milestone, and do it."""
    page = visitor.page
    page.get_by_role("link", name="Plan the fix").click()
    page.get_by_label("What will be done").fill("Ask the vendor to tag the commit of each release.")
    page.get_by_label("Milestone 1").fill(milestone)
    page.get_by_label(re.compile(r"^\s*By\b")).first.fill(by.isoformat())
    press(page, "Start remediation")
    page.get_by_role("link", name=f"Mark as done: {milestone}").click()
    press(page, "Mark as done")
    expect(page.get_by_role("listitem").filter(has_text=f"{milestone} Done by")).to_be_visible()


def claim_fixed(visitor: Visitor, option: str, evidence: Path) -> None:
    """Claim that the finding is fixed, with the answer that is true now and a file that shows it."""
    page = visitor.page
    page.get_by_role("link", name="Claim it is fixed").click()
    page.get_by_label("What was done").fill("The vendor tagged the commit; we compared the package with it.")
    page.get_by_label(option, exact=True).check()
    page.get_by_label("Evidence: a file").set_input_files(evidence)
    page.get_by_label("What the evidence is called").fill("Comparison of package and tag")
    press(page, "Send to be verified")
    expect(page.locator("main")).to_contain_text("Claimed by")


def verify_fix(visitor: Visitor, title: str) -> None:
    """Check somebody's fix and close the finding."""
    page = visitor.page
    open_finding(visitor, title)
    page.get_by_role("link", name="Verify the fix").click()
    page.get_by_label(re.compile(r"^\s*It holds")).check()
    page.get_by_label("What you checked and found").fill("Built it from the tag: the same files.")
    page.get_by_label("What the evidence shows of the new answer").fill("Package and tag hold the same files.")
    page.get_by_label("Where in the document").fill("Lines 1 and 2")
    page.get_by_label("The document's date").fill(date.today().isoformat())
    page.get_by_label("Your password").fill(PASSWORD)
    press(page, "Give the verdict")
    expect(page.locator("main")).to_contain_text("Closed")


# Reviews and reports


def planned_review(visitor: Visitor, server: str) -> date:
    """Return the day by which the server's next review is due."""
    visitor.page.goto(f"{server}reviews/")
    shown = visitor.page.locator("main time[datetime]").first.get_attribute("datetime")
    return date.fromisoformat(str(shown)[:10])


def sweep(installation: Installation, day: date) -> None:
    """Run a worker's sweep on the installation's data as if it were noon of the day."""
    inherited = {name: value for name, value in os.environ.items() if name not in variables.VARIABLES}
    inherited |= {"RISKREGISTER_DATA_DIR": str(installation.folder), "DJANGO_SETTINGS_MODULE": "riskregister.settings"}
    command = [sys.executable, "-m", "tests.journeys.sweep_at", day.isoformat()]
    done = subprocess.run(command, cwd=env.BASE_DIR, env=inherited, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def alerts(visitor: Visitor) -> list[str]:
    """Return the titles of the unread alerts."""
    go(visitor, "Inbox")
    return [one.inner_text() for one in all_of(visitor.page, ".inbox-title")]


def told(visitor: Visitor, *words: str) -> str:
    """Return the title of the one unread alert with these words, once the worker or the sweep has told it."""

    def found() -> list[str]:
        return [title for title in alerts(visitor) if all(word.lower() in title.lower() for word in words)]

    until(found, what=lambda: f"an alert with {words}")
    [title] = found()
    return title


def ask_for_report(visitor: Visitor, assessment: str) -> str:
    """Ask for the assessment's report, wait until the worker has drawn it, and return its address."""
    page = visitor.page
    page.goto(assessment)
    page.get_by_role("link", name="PDF report").click()
    press(page, "Issue the report")
    return page.url


def download_report(visitor: Visitor, report: str) -> str:
    """Wait for the report as its reader, download it twice, and return its text."""
    page = visitor.page
    page.goto(report)
    link = page.get_by_role("link", name=re.compile(r"\.pdf$"))
    until(link.count, what="the report to be drawn", pause=lambda: _look_again(page))
    first, second = (_download(page, link) for _time in range(2))
    assert first == second, "The same report was not the same file twice."
    return "\n".join(sheet.extract_text() for sheet in PdfReader(BytesIO(first)).pages)


def _look_again(page: Page) -> None:
    """Wait a little; the page refreshes itself with scripts, and offers a link to do it without."""
    page.wait_for_timeout(200)
    refresh = page.get_by_role("link", name="Refresh")
    if refresh.count() and refresh.is_visible():
        refresh.click()


def _download(page: Page, link: Locator) -> bytes:
    with page.expect_download() as waiting:
        link.click()
    return Path(waiting.value.path()).read_bytes()


# Small motions


def go(visitor: Visitor, word: str) -> None:
    """Go somewhere by the main navigation."""
    visitor.page.get_by_role("navigation", name="Main").get_by_role("link", name=re.compile(f"^{word}")).click()


def all_of(page: Page, selector: str) -> list[Locator]:
    """Return all parts of a page once all of it is there: a slow browser shows the first while it reads the last."""
    page.wait_for_load_state()
    return page.locator(selector).all()


def press(page: Page, name: str) -> None:
    """Press the button with this name, the only one on the page."""
    page.locator("main").get_by_role("button", name=name, exact=True).click()
