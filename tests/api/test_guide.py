"""docs/api.md: its examples are run as they stand, and it names every scope and problem."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as product
from pytest_django.live_server_helper import LiveServer

from accounts.access import Capability
from accounts.models import Role
from assessments.models import Assessment
from findings.models import Finding
from reports.models import Report
from tests import cast
from tests.api.caller import Caller, frozen
from tests.waiting import PATIENCE
from vendors.models import Server

GUIDE = Path(product.BASE_DIR, "docs/api.md").read_text()
BLOCKS = re.findall(r"^```(?:sh|bash)\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
# A report is drawn by a job, in another process; tests/api/test_journey.py downloads one.
WAITS_FOR_A_JOB = re.compile(r"^until ", re.MULTILINE)


def as_written(**ours: str) -> str:
    """Return the page's examples as one script; what they leave to the reader is ours."""
    first, *others = [block for block in BLOCKS if not WAITS_FOR_A_JOB.search(block)]
    named = "\n".join(f"{name}={value}" for name, value in ours.items())
    return "\n".join([first, named, *others])


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("jq")), reason="needs curl and jq, as the page says")
def test_its_examples_do_what_they_say(live_server: LiveServer, tmp_path: Path, settings: Any):
    # What is published last is asked of new assessments, as where nobody says otherwise.
    settings.QUESTION_SET = 0
    people = cast.assemble()
    alice = Caller(people.alice, ["read", "write"]).key
    ben = cast.person("ben", role=Role.APPROVER, unit=people.payments)
    tokens = {"TOKEN": alice, "ANALYST_TOKEN": alice}
    tokens |= {"APPROVER_TOKEN": Caller(people.bob).key, "OTHER_APPROVER_TOKEN": Caller(ben).key}
    script = as_written(REGISTER=live_server.url, SOON="2026-03-16", LATER="2026-05-31", **tokens)

    with frozen():
        run = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip

    refusal = tmp_path / "answer.json"
    assert run.returncode == 0, run.stderr + run.stdout[-500:] + (refusal.read_text() if refusal.exists() else "")
    assessment, server = Assessment.objects.get(), Server.objects.get()
    asked = {row["key"]: row["choice"] for row in Caller(people.alice).read(f"/assessments/{assessment.pk}/answers/")}
    assert len([key for key in asked if "@" in key]) > 5
    assert set(asked.values()) == {"option"}
    assert (assessment.status, server.status) == ("final", "approved")
    statuses = dict(Finding.objects.filter(source="manual").values_list("title", "status"))
    settled = {"No contact for emergencies": "closed", "One region only": "accepted"}
    assert statuses == settled | {"No log of calls": "open"}
    assert Report.objects.get().status == "requested"


def test_it_names_every_scope():
    assert re.findall(r"^\| `([a-z]+)` \|", GUIDE, re.MULTILINE)[: len(Capability)] == list(Capability.values)


def test_it_names_every_kind_of_problem_that_the_code_knows():
    code = "".join(path.read_text() for path in Path(product.BASE_DIR, "api").rglob("*.py"))
    known = set(re.findall(r'Problem\(\d+, "([a-z_]+)"', code)) | set(re.findall(r'default_code = "([a-z_]+)"', code))
    assert len(known) > 5
    assert {name.replace("_", "-") for name in known - {"internal"}} <= set(re.findall(r"`([a-z-]+)`", GUIDE))
