"""Makes the pictures of the documents from the demo organisation: `script/screenshots [FOLDER]`."""

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests import machines
from tests.installation import Installation
from tests.waiting import PATIENCE

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "images"
Theme = Literal["light", "dark"]
# What a report can be had as, once it is issued.
PARTS = "a[href*='/parts/']"
# Wide enough for the side navigation, and no longer than a reader scrolls in a document.
SIZE: ViewportSize = {"width": 1360, "height": 900}


def main() -> int:
    """Start the demo on a free port, sign in, and take every picture in light, the overview in dark too."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURES
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, demo(Path(data)) as (address, logins), chromium() as browser:
        analyst = signed_in(browser, address, *login(logins, "Analyst in Payments"))
        approver = signed_in(browser, address, *login(logins, "Approver in the whole organisation"))
        dark = signed_in(browser, address, *login(logins, "Manager in Payments"), theme="dark")
        take(analyst, "/", folder / "home-light.png")
        take(approver, "/dashboard/", folder / "dashboard-light.png")
        take(dark, "/dashboard/", folder / "dashboard-dark.png")
        manager = signed_in(browser, address, *login(logins, "Manager in Payments"))
        auditor = signed_in(browser, address, *login(logins, "Auditor in the whole organisation"))
        administrator = signed_in(browser, address, *login(logins, "Administrator in the whole organisation"))
        take(manager, "/reviews/?state=overdue", folder / "reviews-light.png")
        take(auditor, issued(auditor), folder / "report-light.png")
        take(auditor, "/trail/", folder / "trail-light.png")
        take(administrator, "/people/", folder / "people-light.png")
        take(administrator, "/jobs/", folder / "jobs-light.png")
        take(approver, "/servers/", folder / "servers-light.png")
        take(analyst, "/findings/", folder / "register-light.png")
        take(approver, through(approver, "/servers/", "Stripe"), folder / "server-light.png")
        watching(approver, folder)
        assessing(approver, folder)
        report(approver, folder / "report.png")
    return 0


def assessing(approver: Page, folder: Path) -> None:
    """Take what stands between a new server and the decision about it, and a finding and the evidence beside it."""
    take(approver, through(approver, "/servers/?residual=not_assessed", "Brave"), folder / "server-new-light.png")
    draft = through(approver, "/assessments/?status=draft", "Git")
    take(approver, f"{draft}dimensions/permission_scope/", folder / "dimension-light.png")
    take(approver, f"{draft}check/", folder / "check-light.png")
    submitted = through(approver, "/assessments/?status=submitted", "Notion")
    take(approver, f"{submitted}review/", folder / "review-light.png")
    take(approver, f"{submitted}decide/", folder / "decide-light.png")
    take(approver, through(approver, "/findings/", "Maintenance of the server"), folder / "finding-light.png")
    take(approver, "/evidence/", folder / "evidence-light.png")


def watching(approver: Page, folder: Path) -> None:
    """Take how the supply chain stands, and what one server is built from and hangs on."""
    take(approver, "/supply-chain/", folder / "supply-chain-light.png")
    server = through(approver, "/servers/", "Context7")
    take(approver, f"{server}built-from/", folder / "built-from-light.png")
    take(approver, f"{server}map/", folder / "map-light.png")


@contextmanager
def demo(folder: Path) -> Iterator[tuple[str, str]]:
    """Run an installation with the demo; give its address and the text of the logins."""
    running = Installation.start(folder, flags=(), extra={"RISKREGISTER_ORGANISATION": "Example organisation"})
    try:
        yield running.address(), (folder / "demo-logins.txt").read_text()
    finally:
        running.stop()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run a headless Chromium."""
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-dev-shm-usage"]
        opened = playwright.chromium.launch(executable_path=str(machines.chromium()), args=flags)
        yield opened
        opened.close()


def login(logins: str, role: str) -> tuple[str, str]:
    """Return address and password of the first demo person with a role."""
    found = re.search(rf"^\s*(\S+@\S+)\s+(\S+)\s+{re.escape(role)}", logins, re.MULTILINE)
    if found is None:
        raise LookupError(role)
    return found[1], found[2]


def signed_in(
    browser: Browser, address: str, email: str, password: str, *, theme: Literal["light", "dark"] = "light"
) -> Page:
    """Return a page of somebody who has signed in, in a colour scheme."""
    page = browser.new_context(base_url=address, viewport=SIZE, color_scheme=theme).new_page()
    page.goto("/")
    page.locator("input[name=username]").fill(email)
    page.locator("input[name=password]").fill(password)
    page.locator("input[name=password]").press("Enter")
    page.get_by_role("link", name="Dashboard").first.wait_for()
    return page


def through(page: Page, listing: str, words: str) -> str:
    """Return the address of the first row of a list that has these words."""
    page.goto(listing)
    return page.locator("tbody a", has_text=words).first.get_attribute("href") or ""


def take(page: Page, path: str, picture: Path) -> None:
    """Write what the page shows without scrolling, in 256 colours."""
    page.goto(path)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=picture)
    shrink(picture)


def issued(page: Page) -> str:
    """Open an assessment report, and return its address once it is issued."""
    address = through(page, "/reports/", "Assessment")
    page.goto(address)
    page.locator(PARTS).first.wait_for(timeout=PATIENCE * 1000)
    return address


def report(page: Page, picture: Path) -> None:
    """Write the first page of an issued assessment report."""
    issued(page)
    part = page.locator(PARTS).first
    with tempfile.TemporaryDirectory() as folder:
        pdf = Path(folder) / "report.pdf"
        pdf.write_bytes(page.request.get(part.get_attribute("href") or "").body())
        command = ["pdftoppm", "-png", "-r", "80", "-singlefile", str(pdf), str(picture.with_suffix(""))]
        subprocess.run(command, check=True)
    shrink(picture)


def shrink(picture: Path) -> None:
    """Write a picture with a palette of 256 colours, a quarter of its size."""
    with Image.open(picture) as full:
        full.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(picture, optimize=True)


if __name__ == "__main__":
    raise SystemExit(main())
