"""What the loader refuses, and the words in which it says so. Each test breaks one thing in a copy of the catalogue."""

import shutil
from pathlib import Path

import pytest

from catalogue import files, questionnaire
from catalogue.applicability import FACTS
from catalogue.files import CatalogueError
from tests.tables import for_each

PROVENANCE = "question-set-1/provenance.yaml"
SECOND = "question-set-2/provenance.yaml"
NIST = "sp-800-53r5.csv"
OF_VENDORS = "vendor-question-set-1/provenance.yaml"
SOURCE = f"{PROVENANCE}: provenance.source_available"
SIGNED = f"{PROVENANCE}: provenance.signed_releases"


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    return Path(shutil.copytree(files.FOLDER, tmp_path / "catalogue"))


def refusal(catalogue: Path, file: str, old: str, new: str) -> list[str]:
    path = catalogue / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CatalogueError) as refused:
        questionnaire.load(catalogue)
    path.write_text(text, encoding="utf-8")
    return refused.value.problems


def test_an_unchanged_copy_loads_to_the_same_catalogue(catalogue: Path) -> None:
    assert questionnaire.load(catalogue) == questionnaire.load()


@for_each(
    ("file", "old", "new", "problem"),
    [
        (
            PROVENANCE,
            "weight: 3",
            "weight: 4",
            "provenance.yaml: questions[0].weight: 4 is not one of [1, 2, 3, 5]",
        ),
        (
            PROVENANCE,
            "value: 3/4",
            "value: 0.75",
            "provenance.yaml: questions[0].options[1].value: 0.75 is not one of [0, '1/4', '1/2', '3/4', 1]",
        ),
        (
            PROVENANCE,
            "subject: release",
            "subject: server",
            "provenance.yaml: questions[0].subject: 'server' is not one of ['vendor', 'release', 'deployment']",
        ),
        (
            PROVENANCE,
            "    critical: false\n",
            "",
            "provenance.yaml: questions[0]: 'critical' is a required property",
        ),
        (
            PROVENANCE,
            "    critical: false\n",
            "    critical: false\n    hint: look\n",
            "provenance.yaml: questions[0]: Additional properties are not allowed ('hint' was unexpected)",
        ),
        (
            PROVENANCE,
            "MCP04:2025",
            "MCP11:2025",
            f"{SOURCE}: controls: MCP11:2025 is not an active control",
        ),
        (
            PROVENANCE,
            "SR-3",
            "SA-12",
            f"{SOURCE}: controls: SA-12 is not an active control",
        ),
        (
            PROVENANCE,
            "seeds: [S2, S3]",
            "seeds: [S2, S99]",
            f"{SOURCE}: seeds: S99 is not a passage",
        ),
        (
            PROVENANCE,
            "key: provenance.signed_releases",
            "key: provenance.source_available",
            "question-set-1: provenance.source_available occurs 2 times",
        ),
        (
            PROVENANCE,
            "key: provenance.signed_releases",
            "key: provenanse.signed_releases",
            f"{PROVENANCE}: provenanse.signed_releases: the key begins with the dimension, provenance.",
        ),
        (
            PROVENANCE,
            "text: Nobody outside the vendor",
            "text: No one outside the vendor",
            f"{SOURCE}: option closed states an opinion; an option states an observable fact",
        ),
        (
            PROVENANCE,
            "key: closed, value: 0",
            "key: closed, value: 1/4",
            f"{SOURCE}: options run from best to worst, from 1 to 0",
        ),
        (
            PROVENANCE,
            "critical: false",
            "critical: true",
            f"{SOURCE}: a critical question raises a critical finding, and no other question does",
        ),
        (
            PROVENANCE,
            "fact: has_stdio, is: true",
            "fact: has_stdio, is: maybe",
            f"{SIGNED}: applies_when.any_of[0].is: expected true or false, found 'maybe'",
        ),
        (
            PROVENANCE,
            "  key: provenance\n",
            "  key: data_handling\n",
            f"{PROVENANCE}: dimension.key is 'data_handling', expected 'provenance'",
        ),
        (
            "question-set-1/set.yaml",
            "version: 1",
            "version: 2",
            "question-set-1/set.yaml: version 2 does not match the directory's name",
        ),
        (
            NIST,
            ",SR-3 SR-5",
            ",SR-40 SR-5",
            "controls.yaml: nist-sp-800-53 rev-5: SA-12 is superseded by SR-40, which this revision does not have",
        ),
        (
            NIST,
            "Supply Chain Protection,withdrawn",
            "Supply Chain Protection,",
            "controls.yaml: nist-sp-800-53 rev-5: SA-12 needs superseded_by only if it is withdrawn",
        ),
        (NIST, "ref,title", "number,title", f"{NIST}: the columns are ref, title, status, superseded_by, note"),
        (
            "controls.yaml",
            "overlays: nist-sp-800-53",
            "overlays: nist-sp-800-54",
            "controls.yaml: nist-sp-800-161 overlays nist-sp-800-54, which is not a framework",
        ),
        (
            "controls.yaml",
            "status: superseded",
            "status: current",
            "controls.yaml: finos-mi-20: exactly one revision is current",
        ),
        (
            "controls.yaml",
            'ref: "MCP01:2025"',
            "ref: SA-9",
            "controls.yaml: SA-9 occurs 2 times",
        ),
        ("seeds.yaml", "id: S4", "id: S3", "seeds.yaml: S3 occurs 2 times"),
        (
            SECOND,
            'text: "Nobody: the source is closed"',
            'text: "The source is closed, or it was not looked at"',
            f"{SECOND}: provenance.source_available: option closed states two facts; make them two options",
        ),
        (
            SECOND,
            'text: "Nobody: the source is closed"',
            'text: "It is unknown who has read it: the ways are unknown"',
            f'{SECOND}: provenance.source_available: option closed says that nobody looked; that is "don\'t know"',
        ),
        (
            SECOND,
            "    depth: 1\n",
            "",
            f"{SECOND}: provenance.source_available: say the depth from which it is asked",
        ),
        (
            SECOND,
            "{key: closed, value: 0,",
            "{key: closed, value: 0, undated: true,",
            f"{SECOND}: provenance.source_available: option closed is undated, and the question is about no event",
        ),
        (
            "question-set-2/data_handling.yaml",
            "raises_when: {fact: governance_tier_3",
            "raises_when: {fact: governance_tier_4",
            "question-set-2/data_handling.yaml: data_handling.tls_version: option tls12_strong.raises_when.fact: "
            f"'governance_tier_4' is not a known fact; known are {', '.join(FACTS)}",
        ),
        (
            OF_VENDORS,
            "subject: vendor",
            "subject: release",
            f"{OF_VENDORS}: provenance.vendor_background: a set about vendors asks about the vendor alone",
        ),
        (
            OF_VENDORS,
            "    depth: 1\n",
            "",
            f"{OF_VENDORS}: provenance.vendor_background: say the depth from which it is asked",
        ),
    ],
)
def test_names_the_place_and_the_reason(catalogue: Path, file: str, old: str, new: str, problem: str) -> None:
    assert problem in refusal(catalogue, file, old, new)


def test_a_table_of_controls_that_is_not_there_is_named(catalogue: Path) -> None:
    (catalogue / NIST).unlink()
    with pytest.raises(CatalogueError, match=f"{NIST}: the file is missing"):
        questionnaire.load(catalogue)


def test_reports_all_problems_of_a_file_at_once(catalogue: Path) -> None:
    problems = refusal(catalogue, PROVENANCE, "weight: 3\n    critical: false", "weight: 4\n    critical: often")
    assert problems == [
        "provenance.yaml: questions[0].critical: 'often' is not of type 'boolean'",
        "provenance.yaml: questions[0].weight: 4 is not one of [1, 2, 3, 5]",
    ]


def test_refuses_a_key_that_occurs_twice(catalogue: Path) -> None:
    [problem] = refusal(catalogue, PROVENANCE, "    weight: 3\n", "    weight: 3\n    weight: 5\n")
    assert problem.startswith("provenance.yaml: ")
    assert "a key occurs twice" in problem


def test_refuses_a_file_that_is_no_yaml(catalogue: Path) -> None:
    [problem] = refusal(catalogue, PROVENANCE, "dimension:", "dimension: [")
    assert problem.startswith("provenance.yaml: while parsing")


def test_names_a_missing_file(catalogue: Path) -> None:
    (catalogue / PROVENANCE).unlink()
    with pytest.raises(CatalogueError, match=r"^provenance\.yaml: the file is missing from .*question-set-1$"):
        questionnaire.load(catalogue)


def test_refuses_a_set_without_a_number(catalogue: Path) -> None:
    (catalogue / "question-set-1").rename(catalogue / "question-set-one")
    with pytest.raises(CatalogueError, match=r"^question-set-one: the name ends in the version number"):
        questionnaire.load(catalogue)


def test_refuses_a_catalogue_without_a_question_set(catalogue: Path) -> None:
    for folder in catalogue.glob("question-set-*"):
        shutil.rmtree(folder)
    with pytest.raises(CatalogueError, match=r"^the catalogue holds no question set$"):
        questionnaire.load(catalogue)


def test_the_newest_set_is_the_one_with_the_highest_number(catalogue: Path) -> None:
    copy = Path(shutil.copytree(catalogue / "question-set-2", catalogue / "question-set-10"))
    head = (copy / "set.yaml").read_text(encoding="utf-8")
    (copy / "set.yaml").write_text(head.replace("version: 2", "version: 10"), encoding="utf-8")
    loaded = questionnaire.load(catalogue)
    assert [question_set.version for question_set in loaded.question_sets] == [1, 2, 10]
    assert loaded.newest.version == 10
