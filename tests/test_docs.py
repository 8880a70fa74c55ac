"""The documents say what is true of the code."""

import difflib
import os
import re
import subprocess
from pathlib import Path

from catalogue import questionnaire
from riskregister import variables
from tests import architecture, descriptions
from tests.tables import for_each

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


def test_every_variable_is_documented_with_its_default_and_purpose() -> None:
    rows = re.findall(
        r"^\| `([A-Z_]+)` \| (.*?) \| (.*) \|$", (ROOT / "docs/configuration.md").read_text(), re.MULTILINE
    )
    documented = {name: (default.strip("`").replace("(empty)", ""), purpose) for name, default, purpose in rows}
    declared = {name: (one.default, one.purpose) for name, one in variables.VARIABLES.items()}
    assert {name: documented.get(name) for name in declared} == declared


@for_each("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    targets = [one for one in LINK.findall(document.read_text()) if "://" not in one and not one.startswith("mailto:")]
    assert [target for target in targets if not (document.parent / target).exists()] == []


def test_the_command_that_verifies_a_report_is_run_by_the_python_of_the_installation() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "RISKREGISTER_VENV"}
    ask = ["sh", "-c", '. script/environment; echo "$python"']
    told = subprocess.run(ask, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout.strip()
    in_a_container = "docker compose exec web python manage.py verify_report"
    for name in ("docs/guide.md", "templates/reports/verify_command.html"):
        text = (ROOT / name).read_text()
        commands = re.findall(r"[\w./]+ manage\.py verify_report", text.replace(in_a_container, ""))
        assert commands == [f"{told} manage.py verify_report"]
        assert "RISKREGISTER_DATA_DIR" in text


def test_each_threat_names_the_modules_that_try_it() -> None:
    table = (ROOT / "docs/threat-model.md").read_text().partition("## Who attacks")[2].partition("\n## ")[0]
    named = {row: re.findall(r"`([^`]+)`", row.split("|")[-2]) for row in table.splitlines()[4:] if row}
    assert len(named) > 20
    without = [row for row, modules in named.items() if not modules]
    wrong = [
        name for modules in named.values() for name in modules if not re.fullmatch(r"tests/\w+/test_\w+\.py", name)
    ]
    lost = [name for modules in named.values() for name in modules if not (ROOT / name).is_file()]
    assert (without, wrong, lost) == ([], [], [])


def test_the_readme_counts_the_questions_that_there_are() -> None:
    count = re.search(r"(\d+) questions", (ROOT / "README.md").read_text())
    assert count
    assert int(count[1]) == len(questionnaire.load().newest.questions)


@for_each("document", ["README.md", "docs/architecture.md"])
def test_the_staircase_is_drawn_as_it_is(document: str) -> None:
    steps = re.findall(r"^ ([a-z]+(?: │ [a-z]+)*) {2,}", (ROOT / document).read_text(), re.MULTILINE)
    assert [tuple(step.split(" │ ")) for step in steps] == list(architecture.STAIRCASE)


def test_the_staircase_is_drawn_with_the_same_words_everywhere() -> None:
    first, second = (
        re.search(r"```\n demo .*?```", (ROOT / name).read_text(), re.DOTALL)
        for name in ("README.md", "docs/architecture.md")
    )
    assert first is not None
    assert second is not None
    assert first[0] == second[0]


def test_each_decision_has_a_number_of_its_own_that_its_heading_says() -> None:
    numbers = {path.name: int(path.name[:4]) for path in (ROOT / "docs/adr").glob("*.md")}
    by_heading = {
        name: int((ROOT / "docs/adr" / name).read_text().removeprefix("# ").partition(".")[0]) for name in numbers
    }
    assert by_heading == numbers
    assert sorted(numbers.values()) == list(range(1, len(numbers) + 1))


def test_paths_named_in_the_architecture_exist() -> None:
    text = (ROOT / "docs/architecture.md").read_text()
    named = re.findall(r"`((?:[a-z_]+/)+[a-z_]+\.py)`", text)
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


@for_each("name", descriptions.DOCUMENTS)
def test_what_is_described_from_the_code_is_as_the_code_is(name: str) -> None:
    written, described = (descriptions.FOLDER / name).read_text(), descriptions.DOCUMENTS[name]()
    changed = "\n".join(difflib.unified_diff(written.splitlines(), described.splitlines(), n=0, lineterm=""))
    assert not changed, f"docs/{name} is not of this code: run script/describe and look at what changed.\n{changed}"
