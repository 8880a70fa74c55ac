"""What every test can ask for: the engine, a real worker, a real installation, a real browser."""

import gc
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.cache import cache
from django.db import connection, transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.test import TransactionTestCase
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from seal import claims
from tests import kept, machines, restoring, template
from tests.api import conformance
from tests.environment import DATA_DIR, WORKER
from tests.installation import Installation, stop
from tests.waiting import PATIENCE

expect.set_options(timeout=PATIENCE * 1000)
settings.PASSWORD_HASHERS = ["tests.hashing.QuickArgon2", *settings.PASSWORD_HASHERS]

# A busy machine is late, not wrong. The rest is hypothesis' own choice, which knows whether it runs in CI.
hypothesis.settings.register_profile("suite", hypothesis.settings(), deadline=None)
hypothesis.settings.load_profile("suite")


def _restore(case: TransactionTestCase) -> None:
    """Take back what a transactional test committed."""
    restoring.restore(connection)


TransactionTestCase._fixture_teardown = _restore  # type: ignore[attr-defined]

# Whatever test asks the API: the answer must be as the API describes it.
conformance.hook()
kept.begin()


_static = StaticFilesHandler.serve


def _static_for_good(handler: StaticFilesHandler, request: HttpRequest) -> HttpResponseBase:
    """Serve a static file to be kept, as in production: a browser asks for it once, not once a page."""
    answer = _static(handler, request)
    # Years: to the browser an answer of a clock that stands still is old already.
    answer["Cache-Control"] = "public, max-age=315360000, immutable"
    return answer


StaticFilesHandler.serve = _static_for_good  # type: ignore[method-assign, assignment]

# Whole modules whose steps, constraints and lists must hold on both engines.
ON_BOTH_ENGINES = {
    "tests/api": {"test_journey.py", "test_junk.py", "test_lists.py"},
    "tests/assessments": {"test_lifecycle.py"},
    "tests/decisions": {"test_reviews.py"},
    "tests/findings": {"test_acceptance.py", "test_findings.py"},
    "tests/vendors": {"test_importing.py", "test_server_lifecycle.py", "test_vendor_relations.py"},
}
# Whole modules that try the product as a whole: every door as everybody, drawn PDFs, a web server under hostile bodies.
OF_THE_WHOLE = {
    "tests/api": {"test_junk.py"},
    "tests/journeys": {"test_access_matrix.py"},
    "tests/reports": {"test_assessment_report.py", "test_hostile_text.py", "test_register_report.py"},
    "tests/security": {"test_bodies.py", "test_headers.py", "test_https.py"},
}


# Which marks a phase of script/test runs, and which it leaves to the others.
RUNS = {"engine": ("engine", "postgres"), "whole": ("slow", "browser")}
LEAVES = {"unit": ("slow", "browser", "postgres")}

# Files that take ten seconds and more, which two processes share best when they begin with them: the longest first.
LONGEST = [
    "tests/clock/test_moved_clock.py",
    "tests/journeys/test_access_matrix.py",
    "tests/demo/test_organisation.py",
    "tests/setup/test_serve.py",
    "tests/contracts/test_every_noun.py",
    "tests/api/test_fuzz.py",
    "tests/journeys/test_first_year.py",
    "tests/jobs/test_kill.py",
    "tests/reports/test_hostile_text.py",
    "tests/journeys/test_pages_s_to_z.py",
    "tests/api/test_junk.py",
    "tests/journeys/test_pages_a_to_c.py",
    "tests/journeys/test_pages_g_to_r.py",
    "tests/api/test_offered_steps.py",
    "tests/journeys/test_pages_d_to_f.py",
    "tests/composition/test_kill.py",
    "tests/work/test_one_number.py",
    "tests/web/test_plans.py",
    "tests/setup/test_operations.py",
    "tests/journeys/test_names.py",
    "tests/jobs/test_broken_engines.py",
    "tests/alerts/test_relay.py",
    "tests/security/test_slow_senders.py",
    "tests/setup/test_postgres_roles.py",
    "tests/jobs/test_embedded.py",
    "tests/seal/test_verifier.py",
    "tests/decisions/test_races.py",
    "tests/scoring/test_scoring_properties.py",
    "tests/reports/test_issuing.py",
    "tests/web/test_assessments.py",
    "tests/web/test_findings.py",
    "tests/web/test_servers.py",
]


def is_passed_by(path: Path, phase: str) -> bool:
    """Return whether a phase runs no test of a file, as far as its text tells; to load all took seven seconds each."""
    folder = path.parent.relative_to(settings.BASE_DIR).as_posix()
    named = {
        mark
        for mark, files in (("engine", ON_BOTH_ENGINES), ("slow", OF_THE_WHOLE))
        if path.name in files.get(folder, ())
    }
    text = path.read_text(encoding="utf-8")
    if phase in RUNS:
        return not named.intersection(RUNS[phase]) and not any(f"mark.{mark}" in text for mark in RUNS[phase])
    of_all = re.findall(r"^pytestmark = .*", text, re.MULTILINE)
    left = LEAVES.get(phase, ())
    return bool(named.intersection(left)) or any(f"mark.{mark}" in line for line in of_all for mark in left)


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Pass by what the phase runs nothing of, unless it was named."""
    phase = os.environ.get("RISKREGISTER_TEST_PHASE", "")
    is_tests = collection_path.name.startswith("test_") and collection_path.suffix == ".py"
    return True if is_tests and is_passed_by(collection_path, phase) else None


def _place(item: pytest.Item) -> int:
    name = item.path.relative_to(settings.BASE_DIR).as_posix()
    return LONGEST.index(name) if name in LONGEST else len(LONGEST)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Let the garbage collector pass by what is loaded until the end: it took a tenth of the time of all tests."""
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Mark whole modules; leave out, with a reason, what needs PostgreSQL when the engine is SQLite; longest first."""
    for item in items:
        folder = item.path.parent.relative_to(settings.BASE_DIR).as_posix()
        if item.path.name in ON_BOTH_ENGINES.get(folder, ()):
            item.add_marker(pytest.mark.engine)
        if item.path.name in OF_THE_WHOLE.get(folder, ()):
            item.add_marker(pytest.mark.slow)
        if item.get_closest_marker("postgres") and not os.environ.get("TEST_DATABASE_URL"):
            item.add_marker(pytest.mark.skip(reason="needs PostgreSQL: python -m tests.machines python -m pytest …"))
    yield
    # After pytest-django, which sorts by the kind of transaction: what drives a browser would be among the last.
    items.sort(key=_place)


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """Name the test database: a file on SQLite, as in the product, so that threads and other processes see it."""
    options = settings.DATABASES["default"].setdefault("TEST", {})
    if connection.vendor == "sqlite":
        options["NAME"] = str(shutil.copy(template.sqlite_file(), DATA_DIR / "test.sqlite3"))
    else:
        options["NAME"] = f"test_register_{WORKER}"
        options["TEMPLATE"] = template.postgres_database()


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_modify_db_settings: None) -> bool:
    """Return whether the test database is there already: on SQLite, where it is a copy of the template's file."""
    return connection.vendor == "sqlite"


@pytest.fixture(scope="module")
def kept_for_the_module(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Let a fixture of a module without transactional tests fill the database once: each test takes back its own."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def nothing_exported() -> None:
    """Take away the checkpoints that an earlier test, or a worker of it, exported: of other entries than this one's."""
    (DATA_DIR / claims.FILE).unlink(missing_ok=True)


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    """Take away how often earlier tests have asked: their people have the keys of this one's."""
    cache.clear()


@pytest.fixture(scope="session")
def engine() -> str:
    """Return `sqlite` or `postgresql`."""
    return connection.vendor


@pytest.fixture
def process_environment(transactional_db: None) -> dict[str, str]:
    """Return the environment in which another process of the product sees this test's database, broker and files."""
    database = connection.settings_dict
    address = os.environ.get("DATABASE_URL", "")
    if address:
        address = f"{address.rsplit('/', 1)[0]}/{database['NAME']}"
        return {**os.environ, "DATABASE_URL": address}
    # The embedded database is always DATA_DIR/register.sqlite3; the link makes the test's file that one.
    link = DATA_DIR / "register.sqlite3"
    link.unlink(missing_ok=True)
    link.symlink_to(database["NAME"])
    return dict(os.environ)


@pytest.fixture
def start_worker(process_environment: dict[str, str]) -> Iterator[Callable[..., "subprocess.Popen[bytes]"]]:
    """Return a function that starts a real worker process on this test's database; all are stopped at the end.

    It gets the same flags as in production (`--beat` with Redis) or on the embedded default (`--embedded`).
    """
    started: list[subprocess.Popen[bytes]] = []

    def start(**extra: str) -> "subprocess.Popen[bytes]":
        flag = "--beat" if os.environ.get("REDIS_URL") else "--embedded"
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "runworker", flag]
        started.append(subprocess.Popen(command, env={**process_environment, **extra}, start_new_session=True))
        return started[-1]

    yield start
    for process in started:
        stop(process)


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Callable[..., Installation]]:
    """Return a function that starts the product as script/server does, in a data folder of its own on a free port."""
    started: list[Installation] = []

    def start(*flags: str, folder: Path = tmp_path, **extra: str) -> Installation:
        started.append(Installation.start(folder, flags=flags, extra=extra))
        return started[-1]

    yield start
    for running in started:
        running.stop()


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Return the path of Chromium; without one fail where CI is set, else skip."""
    try:
        return machines.chromium()
    except machines.NotAvailable as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def browser(chromium: Path) -> Iterator[Browser]:
    """Return a real headless Chromium."""
    # Playwright's synchronous API runs an event loop in this thread, where Django would refuse every query.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    # Chromium's own sandbox does not work as root, nor without the package chromium-sandbox.
    flags = ["--no-sandbox", "--disable-dev-shm-usage"]
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(chromium), args=flags, timeout=PATIENCE * 1000)
        yield opened
        opened.close()


@pytest.fixture
def new_context(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Return a function that opens a browser session of its own, as one more person would."""
    opened: list[BrowserContext] = []

    def open_context(**options: Any) -> BrowserContext:
        context = browser.new_context(**options)
        context.set_default_timeout(PATIENCE * 1000)
        opened.append(context)
        return context

    yield open_context
    for context in opened:
        context.close()


@pytest.fixture
def page(new_context: Callable[..., BrowserContext], live_server: Any) -> Page:
    """Return a page in a fresh session at the test's own live server, whose relative addresses work."""
    return new_context(base_url=live_server.url).new_page()
