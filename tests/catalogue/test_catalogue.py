"""The catalogue as shipped: what the question set asks, for whom, and which promise each question keeps."""

import re
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from catalogue import questionnaire
from catalogue.questionnaire import Control, Document, Question
from riskregister import canonical
from tests.tables import for_each

CATALOGUE = questionnaire.load()
SET = CATALOGUE.newest
SEEDS = Path(__file__).resolve().parents[3] / "shared" / "seeds"

PROMISED_CONTROLS = {
    *("SA-9", "SC-8", "SI-4", "SR-3", "SR-5", "SR-6", "SR-8", "SR-11", "CM-7(5)"),
    *(f"MI-20.{section}" for section in range(1, 7)),
    *(f"MCP{number:02}:2025" for number in range(1, 11)),
}

# A change here means that a published set was changed: make question-set-2 instead.
PUBLISHED = {1: "82c2597a1360cc7bc363e9847a8a48c297ce59be37cbf53ab30edfaabe01b6b2"}

each_question = for_each("question", SET.questions, ids=lambda question: question.key)
each_document = for_each("document", CATALOGUE.documents, ids=lambda document: document.key)


def controls() -> Iterator[Control]:
    for framework in CATALOGUE.frameworks:
        for revision in framework.revisions:
            yield from revision.controls


def test_five_dimensions_in_the_order_of_the_method() -> None:
    assert [dimension.key for dimension in SET.dimensions] == [
        "provenance",
        "permission_scope",
        "data_handling",
        "security_posture",
        "operational_resilience",
    ]


def test_each_dimension_has_eight_to_twelve_questions() -> None:
    counts = {dimension.key: len(dimension.questions) for dimension in SET.dimensions}
    assert all(8 <= count <= 12 for count in counts.values()), counts


def test_keys_are_unique_and_name_their_dimension() -> None:
    keys = [question.key for question in SET.questions]
    assert len(keys) == len(set(keys))
    assert all(question.key.startswith(f"{question.dimension}.") for question in SET.questions)


def test_every_kind_of_subject_is_asked_about() -> None:
    assert {question.subject for question in SET.questions} == {"vendor", "release", "deployment"}


def test_five_to_seven_questions_are_critical_and_they_alone_raise_critical_findings() -> None:
    critical = {question.key for question in SET.questions if question.critical}
    assert 5 <= len(critical) <= 7
    assert critical == {question.key for question in SET.questions if question.finding.severity == "critical"}


@each_question
def test_options_run_from_best_to_worst(question: Question) -> None:
    values = [option.value for option in question.options]
    assert 3 <= len(values) <= 5
    assert set(values) <= {Fraction(quarter, 4) for quarter in range(5)}
    assert values == sorted(values, reverse=True)
    assert (values[0], values[-1]) == (Fraction(1), Fraction(0))


@each_question
def test_options_state_facts_not_opinions(question: Question) -> None:
    texts = [option.text for option in question.options]
    assert not [text for text in texts if re.match(r"(yes|no|partly|partially)\b", text, re.IGNORECASE)]
    assert len({text.casefold() for text in texts}) == len(texts)


@each_question
def test_vocabulary(question: Question) -> None:
    assert question.subject in {"vendor", "release", "deployment"}
    assert question.weight in {1, 2, 3, 5}
    assert question.finding.severity in {"critical", "high", "medium", "low"}
    assert question.text.endswith("?")


@each_question
def test_guidance_has_two_to_four_sentences(question: Question) -> None:
    # A full stop inside backquotes or within a word (0.0.1, server.json) ends no sentence.
    prose = re.sub(r"`[^`]*`", "code", question.guidance)
    assert 2 <= len(re.findall(r"[.?!](?=\s|$)", prose)) <= 4


@each_question
def test_titles_fit_where_they_are_shown(question: Question) -> None:
    assert len(question.text) <= 120
    assert len(question.finding.title) <= 80
    assert not question.finding.title.endswith(".")


@each_question
def test_cites_a_control_that_is_in_force(question: Question) -> None:
    assert question.controls
    assert set(question.controls) <= {control.ref for control in controls() if control.status == "active"}


def test_every_promised_control_is_in_the_catalogue() -> None:
    assert {control.ref for control in controls() if control.status == "active"} == PROMISED_CONTROLS


def test_every_control_in_force_has_a_question() -> None:
    cited = {ref for question in SET.questions for ref in question.controls}
    assert PROMISED_CONTROLS - cited == set()


def test_sa_12_is_withdrawn_into_controls_that_have_questions() -> None:
    cited = {ref for question in SET.questions for ref in question.controls}
    [withdrawn] = [control for control in controls() if control.status == "withdrawn"]
    assert withdrawn.ref == "SA-12"
    assert withdrawn.superseded_by == ("SR-3", "SR-5", "SR-6", "SR-8", "SR-11")
    assert set(withdrawn.superseded_by) <= cited


def test_mi_20_is_held_in_both_revisions_with_the_same_sections() -> None:
    [mi_20] = [framework for framework in CATALOGUE.frameworks if framework.key == "finos-mi-20"]
    draft, approved = mi_20.revisions
    assert (draft.status, approved.status) == ("superseded", "current")
    assert draft.controls == approved.controls
    assert draft.note != approved.note


def test_every_passage_has_a_question() -> None:
    asked = {passage for question in SET.questions for passage in question.seeds}
    assert {passage.id for document in CATALOGUE.documents for passage in document.passages} == asked


def test_the_promise_of_five_dimensions_is_kept_by_a_question_in_each() -> None:
    assert {question.dimension for question in SET.questions if "S2" in question.seeds} == {
        dimension.key for dimension in SET.dimensions
    }


def section(document: Document) -> str:
    path = SEEDS / document.file
    if not path.exists():
        pytest.skip(f"{document.file} is not part of the repository and not beside this checkout")
    text = path.read_text(encoding="utf-8")
    return text.partition(document.starts_after)[2].partition(document.ends_before)[0]


def units(document: Document) -> list[str]:
    """Return the sentences, or the bullets that are no headings of a group."""
    text = section(document)
    if document.unit == "sentence":
        return re.split(r"(?<=[.?])\s+", text.strip())
    return re.findall(r"^ +\* \*\*(.+)$", text, re.MULTILINE)


@each_document
def test_each_passage_opens_with_words_of_its_document(document: Document) -> None:
    text = section(document)
    assert {passage.id: text.count(passage.opening) for passage in document.passages} == {
        passage.id: 1 for passage in document.passages
    }


@each_document
def test_passages_stand_in_the_order_of_the_document(document: Document) -> None:
    text = section(document)
    places = [text.index(passage.opening) for passage in document.passages]
    assert places == sorted(places)


@each_document
def test_each_sentence_and_bullet_has_an_id_of_its_own_number(document: Document) -> None:
    numbers = [
        {int(re.sub(r"\D", "", passage.id)) for passage in document.passages if passage.opening in unit}
        for unit in units(document)
    ]
    assert numbers == [{number} for number in range(1, len(numbers) + 1)]
    assert len(numbers) == {"sentence": 12, "bullet": 9}[document.unit]


def test_a_published_set_never_changes() -> None:
    digests = {
        question_set.version: canonical.digest(canonical.canonical(questionnaire.plain(question_set)))
        for question_set in CATALOGUE.question_sets
    }
    assert digests == PUBLISHED


def test_plain_data_holds_fractions_as_text() -> None:
    question = questionnaire.plain(SET)["dimensions"][0]["questions"][0]
    assert question["key"] == "provenance.source_available"
    assert [option["value"] for option in question["options"]] == ["1", "3/4", "1/2", "1/4", "0"]
    assert question["applies_when"] is None


def test_no_question_repeats_the_words_of_another() -> None:
    counts = Counter(question.text.casefold() for question in SET.questions)
    assert [text for text, count in counts.items() if count > 1] == []
