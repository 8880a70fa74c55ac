"""docs/api.md: its examples are run line by line, and its tables name what there is."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from accounts.access import Capability
from accounts.models import Role
from api import schema
from assessments import answering
from assessments.models import Assessment
from tests import cast
from tests.api.caller import ROOT, Caller, frozen

GUIDE = Path(settings.BASE_DIR, "docs/api.md").read_text()
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
ANSWER = re.compile(r"^(?:(?P<name>[A-Z_]+)=\$\()?api (?P<call>.*?)(?: \| jq -r (?P<path>[].a-z0-9[]+)\))?$")


class Shell:
    """Runs the lines of the guide: calls of `api`, and assignments of what they answer."""

    def __init__(self, callers: dict[str, Caller], **known: str) -> None:
        self.callers, self.known, self.calls = callers, known, 0

    def run(self, line: str) -> None:
        if assigned := re.fullmatch(r"TOKEN=\$([A-Z_]+)", line):
            self.known["TOKEN"] = assigned[1]
            return
        found = ANSWER.match(line)
        assert found, line
        said = self.call(*[self.filled(word) for word in shlex.split(found["call"])])
        if found["name"]:
            for key in re.findall(r"[a-z]+|\d+", found["path"]):
                said = said[int(key) if key.isdigit() else key]
            self.known[found["name"]] = said

    def call(self, method: str, path: str, body: str = "{}") -> Any:
        client = self.callers[self.known["TOKEN"]].client
        send = getattr(client, method.lower())
        how = {} if method == "GET" else {"data": body, "content_type": "application/json"}
        response = send(f"{ROOT}{path}", **how)
        assert response.status_code in (200, 201), (method, path, response.content)
        self.calls += 1
        return response.json()

    def filled(self, word: str) -> str:
        return re.sub(r"\$([A-Z_]+)", lambda found: self.known[found[1]], word)


@pytest.mark.django_db
def test_its_examples_do_what_they_say():
    people = cast.assemble()
    callers = {
        "TOKEN": Caller(people.alice, ["read", "write"]),
        "ANALYST_TOKEN": Caller(people.alice, ["read", "write"]),
        "APPROVER_TOKEN": Caller(people.bob),
        "OTHER_APPROVER_TOKEN": Caller(cast.person("ben", role=Role.APPROVER, unit=people.payments)),
    }
    # As in a shell, documents hold blanks only inside their strings.
    given = {"DOCUMENT": cast.server_json(), "TOOLS": cast.tools("forecast")}
    days = {"SOON": "2026-03-16", "LATER": "2026-05-31"}
    shell = Shell(callers, TOKEN="TOKEN", **given, **days)
    with frozen():
        for line in "".join(BLOCKS[1:]).splitlines():
            if "/submit/" in line:
                answer_the_rest(shell)
                shell.run("DIGEST=$(api GET /assessments/$ASSESSMENT/progress/ | jq -r .digest)")
            shell.run(line)
        report = shell.call("GET", f"/reports/{shell.known['REPORT']}/")
        finding = shell.call("GET", f"/findings/{shell.known['FINDING']}/")
        server = shell.call("GET", f"/servers/{shell.known['SERVER']}/")
    assert shell.calls > 25
    assert (report["status"], finding["status"], server["status"]) == ("requested", "closed", "approved")


def answer_the_rest(shell: Shell) -> None:
    """Answer the questions that the guide leaves to the reader, each with its best option."""
    draft = Assessment.objects.get(pk=shell.known["ASSESSMENT"])
    by = shell.callers["TOKEN"].person
    rows = draft.answers.filter(choice="").select_related("question")
    for row in rows:
        best = row.question.options.order_by("-quarters").values_list("key", flat=True)[0]
        answering.answer(row, choice="option", option_key=best, version=row.version, by=by, now=cast.NOON)


def test_its_table_names_every_list_with_its_filters_orderings_and_steps():
    table = {row.split("`", 1)[0]: row for row in re.findall(r"^\| `([a-z-]+/` \|.*)$", GUIDE, re.MULTILINE)}
    named = {noun: set(re.findall(r"`([a-z0-9_/-]+)`", row.split("`", 1)[1])) for noun, row in table.items()}
    there: dict[str, set[str]] = {}
    for path, methods in schema.document()["paths"].items():
        noun, _, rest = path.removeprefix("/api/v1/").strip("/").partition("/")
        words = there.setdefault(f"{noun}/", set())
        words |= parameters(methods.get("get", {})) if not rest else set()
        words |= {re.sub(r"\{[a-z]+\}/?", "", rest).strip("/")} if rest and "post" in methods else set()
    assert named == {noun: words for noun, words in there.items() if noun not in {"me/", "dashboard/", "trail/"}}


def parameters(read: dict[str, Any]) -> set[str]:
    """Return a list's filters, and the words of its orderings without their direction."""
    found = {one["name"]: one["schema"] for one in read.get("parameters", []) if one["in"] == "query"}
    orderings = {word.lstrip("-") for word in found.get("ordering", {}).get("enum", ())}
    return (set(found) - {"ordering", "cursor", "limit"}) | orderings


def test_it_names_every_scope():
    assert re.findall(r"^\| `([a-z]+)` \|", GUIDE, re.MULTILINE)[: len(Capability)] == list(Capability.values)


def test_it_names_every_kind_of_problem_that_the_code_knows():
    code = "".join(path.read_text() for path in Path(settings.BASE_DIR, "api").glob("*.py"))
    known = set(re.findall(r'Problem\(\d+, "([a-z_]+)"', code)) | set(re.findall(r'default_code = "([a-z_]+)"', code))
    assert len(known) > 5
    assert {name.replace("_", "-") for name in known - {"internal"}} <= set(re.findall(r"`([a-z-]+)`", GUIDE))
