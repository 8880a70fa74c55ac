"""The documents say what is true of the code."""

import re
from pathlib import Path

import pytest

from riskregister import env

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


def test_every_variable_is_documented_with_its_default_and_purpose() -> None:
    rows = re.findall(
        r"^\| `([A-Z_]+)` \| (.*?) \| (.*) \|$", (ROOT / "docs/configuration.md").read_text(), re.MULTILINE
    )
    documented = {name: (default.strip("`").replace("(empty)", ""), purpose) for name, default, purpose in rows}
    declared = {name: (one.default, one.purpose) for name, one in env.VARIABLES.items()}
    assert {name: documented.get(name) for name in declared} == declared


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    targets = [one for one in LINK.findall(document.read_text()) if "://" not in one and not one.startswith("mailto:")]
    assert [target for target in targets if not (document.parent / target).exists()] == []


def test_tests_named_in_the_threat_model_exist() -> None:
    named = set(re.findall(r"`(tests/[a-z_/.]+)`", (ROOT / "docs/threat-model.md").read_text()))
    assert named
    assert sorted(path for path in named if not (ROOT / path).exists()) == []


def test_paths_named_in_the_architecture_exist() -> None:
    text = (ROOT / "docs/architecture.md").read_text()
    named = re.findall(r"`((?:[a-z_]+/)+[a-z_]+\.py)`", text)
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []
