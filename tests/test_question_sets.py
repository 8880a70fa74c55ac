"""docs/question-set-2.md says what the catalogue asks and what the example's servers come to under both sets."""

from catalogue import questionnaire
from demo import comparison
from demo.story import case
from scoring.assurance import State
from tests import question_sets


def test_the_document_is_as_script_compare_question_sets_writes_it() -> None:
    text = question_sets.DOCUMENT.read_text(encoding="utf-8")
    assert text == question_sets.described(text)


def test_what_an_answer_rests_on_counts_as_much_as_the_story_s_documents_do() -> None:
    """Each way that a server is evidenced is compared, by the level that its documents reach in the register."""
    reached = {"package": 3, "repository": 2, "website checked": 2, "website": 1, "record": 2, "note": 0}
    subjects = ("release", "vendor", "deployment")

    expected = {
        evidence: {subject: reached[documents[subject]] if subject in documents else 0 for subject in subjects}
        for evidence, documents in case.DOCUMENTS.items()
    }
    assert expected == comparison.LEVELS


def test_both_sets_are_answered_whole() -> None:
    for one in comparison.every():
        for outcome in (one.first, one.second):
            assert {scored.line.state for scored in outcome.score.lines} == {State.OPTION}, one.title
            assert outcome.score.overall is not None, one.title


def test_conditions_tell_the_captured_servers_apart_but_for_those_that_are_named() -> None:
    """Each of the nineteen has a package, so that what is asked of code that we run is asked of all."""
    captured = [comparison.facts_of(key) for key in comparison.SERVERS]
    one_sided = {
        question.key
        for question in questionnaire.load().newest.questions
        if question.applies_when is not None
        and len({questionnaire.applies(question.applies_when, facts) for facts in captured}) < 2
    }
    assert one_sided == {
        "provenance.signed_releases",
        "provenance.chain_of_custody",
        "provenance.pinned_artifact",
        "provenance.update_review",
        "provenance.install_time_code",
        "provenance.dependencies",
        "permission_scope.isolation",
        "data_handling.telemetry",
        "security_posture.known_vulnerabilities",
        "security_posture.local_http",
        "provenance.repository_hygiene",
    }
