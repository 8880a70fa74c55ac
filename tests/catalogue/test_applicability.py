"""When a question is asked: what is unknown never hides a question."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue import applicability, questionnaire
from catalogue.applicability import FACTS, NotAPredicate
from catalogue.questionnaire import applies
from tests.tables import for_each

REMOTE = {"fact": "has_remote", "is": True}
STDIO = {"fact": "has_stdio", "is": True}
CLOSED = {"fact": "open_source", "is": False}

known = st.dictionaries(st.sampled_from(sorted(FACTS)), st.booleans())
leaves = st.builds(lambda fact, value: {"fact": fact, "is": value}, st.sampled_from(sorted(FACTS)), st.booleans())
predicates: st.SearchStrategy[dict[str, Any]] = st.recursive(
    leaves,
    lambda inner: st.builds(
        lambda word, members: {word: members},
        st.sampled_from(["any_of", "all_of"]),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=6,
)


def test_a_question_without_a_condition_is_always_asked() -> None:
    assert applies(None, {})


@for_each(
    ("predicate", "facts", "expected"),
    [
        (REMOTE, {"has_remote": True}, True),
        (REMOTE, {"has_remote": False}, False),
        (REMOTE, {}, True),
        (REMOTE, {"has_remote": None}, True),
        (CLOSED, {"open_source": False}, True),
        (CLOSED, {"open_source": True}, False),
        (CLOSED, {}, True),
        ({"any_of": [REMOTE, STDIO]}, {"has_remote": False, "has_stdio": True}, True),
        ({"any_of": [REMOTE, STDIO]}, {"has_remote": False, "has_stdio": False}, False),
        ({"any_of": [REMOTE, STDIO]}, {"has_remote": False}, True),
        ({"all_of": [REMOTE, CLOSED]}, {"has_remote": True, "open_source": False}, True),
        ({"all_of": [REMOTE, CLOSED]}, {"has_remote": False}, False),
        ({"all_of": [REMOTE, CLOSED]}, {"has_remote": True}, True),
        ({"all_of": [STDIO, {"any_of": [REMOTE, CLOSED]}]}, {"has_remote": False, "open_source": True}, False),
    ],
)
def test_truth_table(predicate: dict[str, Any], facts: dict[str, bool | None], expected: bool) -> None:
    assert applies(predicate, facts) is expected


@given(predicates, known, st.sampled_from(sorted(FACTS)))
def test_forgetting_a_fact_never_hides_a_question(
    predicate: dict[str, Any], facts: dict[str, bool], forgotten: str
) -> None:
    fewer = {fact: value for fact, value in facts.items() if fact != forgotten}
    assert applies(predicate, fewer) >= applies(predicate, facts)


@given(predicates, known)
def test_swapping_the_words_and_the_facts_turns_the_truth_round(
    predicate: dict[str, Any], facts: dict[str, bool]
) -> None:
    truth = applicability.truth(predicate, facts)
    assert applicability.truth(mirrored(predicate), facts) is (None if truth is None else not truth)


def mirrored(predicate: dict[str, Any]) -> dict[str, Any]:
    """Return the negation by De Morgan's laws."""
    if "fact" in predicate:
        return predicate | {"is": not predicate["is"]}
    ((word, members),) = predicate.items()
    return {"all_of" if word == "any_of" else "any_of": [mirrored(member) for member in members]}


@for_each(
    ("predicate", "sentence"),
    [
        ({}, "applies_when: expected fact and is, any_of, or all_of, found nothing"),
        ({"none_of": [REMOTE]}, "applies_when: expected fact and is, any_of, or all_of, found none_of"),
        ({"fact": "has_remote"}, "applies_when: expected fact and is, any_of, or all_of, found fact"),
        ({"fact": "has_remote", "is": "yes"}, "applies_when.is: expected true or false, found 'yes'"),
        ({"any_of": []}, "applies_when.any_of: expected a list of at least one predicate"),
        ({"all_of": [REMOTE, "x"]}, "applies_when.all_of[1]: a predicate is a mapping, not 'x'"),
    ],
)
def test_refuses_what_is_no_predicate(predicate: dict[str, Any], sentence: str) -> None:
    with pytest.raises(NotAPredicate) as refused:
        applies(predicate, {})
    assert str(refused.value) == sentence


@for_each(
    ("predicate", "facts", "sentence"),
    [
        ({"fact": "has_remote", "is": True}, {}, ""),
        ({"fact": "has_remote", "is": True}, {"has_remote": False}, ""),
        ({"fact": "has_oci", "is": True}, {"has_oci": True}, "The release offers a container image."),
        (
            {"fact": "has_oci", "is": False},
            {"has_oci": False},
            "It is not so that the release offers a container image.",
        ),
        (
            {"any_of": [{"fact": "has_oci", "is": True}, {"fact": "open_source", "is": True}]},
            {"has_oci": True},
            "The release offers a container image.",
        ),
        ({"all_of": [{"fact": "has_oci", "is": True}, {"fact": "open_source", "is": True}]}, {"has_oci": True}, ""),
    ],
)
def test_says_what_makes_a_condition_true_and_nothing_of_what_does_not(
    predicate: dict[str, Any], facts: dict[str, bool | None], sentence: str
) -> None:
    assert applicability.proof(predicate, facts) == sentence


def test_names_the_known_facts_when_one_is_unknown() -> None:
    with pytest.raises(NotAPredicate, match="'has_sse' is not a known fact; known are has_remote, has_stdio"):
        applies({"fact": "has_sse", "is": True}, {})


def asked(**facts: bool) -> set[str]:
    return {q.key for q in questionnaire.load().newest.questions if applies(q.applies_when, facts)}


def test_with_nothing_known_every_question_is_asked() -> None:
    assert len(asked()) == len(questionnaire.load().newest.questions)


def test_a_local_package_is_not_asked_about_tls_and_tokens_of_an_endpoint() -> None:
    local = asked(has_remote=False, has_stdio=True, has_oci=False)
    assert {"data_handling.transport", "security_posture.endpoint_authentication"}.isdisjoint(local)
    assert {"provenance.pinned_artifact", "permission_scope.isolation"} <= local


def test_a_package_that_we_run_over_http_is_asked_about_both() -> None:
    ours = asked(has_remote=True, has_stdio=False, has_oci=False, hosted_by_vendor=False)
    assert {
        "data_handling.transport",
        "security_posture.endpoint_authentication",
        "provenance.pinned_artifact",
        "provenance.install_time_code",
        "permission_scope.isolation",
        "security_posture.known_vulnerabilities",
    } <= ours


def test_an_image_is_asked_about_its_pin_and_not_about_install_scripts() -> None:
    image = asked(has_remote=False, has_stdio=False, has_oci=True, hosted_by_vendor=False)
    assert "provenance.pinned_artifact" in image
    assert "provenance.install_time_code" not in image


def test_a_hosted_server_is_not_asked_about_packages() -> None:
    remote = asked(has_remote=True, has_stdio=False, has_oci=False, hosted_by_vendor=True, open_source=False)
    assert {"provenance.pinned_artifact", "provenance.install_time_code", "data_handling.telemetry"}.isdisjoint(remote)
    assert {"data_handling.transport", "data_handling.secondary_use"} <= remote


def test_a_volunteer_project_is_not_asked_for_certificates_or_accounts() -> None:
    volunteer = asked(vendor_commercial=False, hosted_by_vendor=False)
    assert {
        "security_posture.certifications",
        "security_posture.penetration_test",
        "operational_resilience.financial_stability",
    }.isdisjoint(volunteer)


def test_no_dimension_is_left_without_questions_whatever_the_facts() -> None:
    for dimension in questionnaire.load().newest.dimensions:
        always = [question.key for question in dimension.questions if question.applies_when is None]
        assert len(always) >= 5, dimension.key


def test_every_fact_decides_at_least_one_question() -> None:
    catalogue = questionnaire.load()
    questions = [*catalogue.newest.questions, *catalogue.vendor_sets[-1].questions]
    conditions = [question.applies_when for question in questions]
    conditions += [option.raises_when for question in questions for option in question.options]
    assert {fact for condition in conditions if condition for fact in mentioned(condition)} == set(FACTS)


def mentioned(predicate: Any) -> set[str]:
    if "fact" in predicate:
        return {predicate["fact"]}
    ((_word, members),) = predicate.items()
    return {fact for member in members for fact in mentioned(member)}
