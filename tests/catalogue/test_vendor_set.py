"""The questions about vendors: enough of each kind, in all dimensions, and what servers' assessments ask alike."""

from catalogue import questionnaire
from riskregister import canonical
from scoring.scales import Severity
from tests.tables import for_each

CATALOGUE = questionnaire.load()
SET = CATALOGUE.vendor_sets[-1]
OF_SERVERS = {one.key: one for one in CATALOGUE.newest.questions}
DIMENSIONS = [one.key for one in CATALOGUE.newest.dimensions]
KINDS = ("publishes_servers", "supplies_models", "supplies_data", "supplies_infrastructure", "supplies_people")

# A change here means that a published set was changed: make vendor-question-set-2 instead.
PUBLISHED = "fc5774a48e921b8752f03f3c2315cdc49f91338fb6c5d48e1528163121b9e146"


def asked(*kinds: str) -> list[questionnaire.Question]:
    facts = {kind: kind in kinds for kind in KINDS}
    return [one for one in SET.questions if questionnaire.applies(one.applies_when, facts)]


def test_the_published_set_is_as_it_was() -> None:
    assert canonical.digest(canonical.canonical(questionnaire.plain(SET))) == PUBLISHED


@for_each(
    ("kind", "count"),
    [
        ("publishes_servers", 12),
        ("supplies_models", 20),
        ("supplies_data", 19),
        ("supplies_infrastructure", 20),
        ("supplies_people", 18),
    ],
)
def test_each_kind_is_asked_in_all_dimensions(kind: str, count: int) -> None:
    questions = asked(kind)
    assert len(questions) == count
    assert sorted({one.dimension for one in questions}) == sorted(DIMENSIONS)


def test_several_kinds_are_asked_each_question_once() -> None:
    keys = [one.key for one in asked("supplies_models", "supplies_infrastructure")]
    both = {one.key for kind in ("supplies_models", "supplies_infrastructure") for one in asked(kind)}
    assert len(keys) == len(set(keys)) == len(both) == 27
    assert set(keys) == both


def test_a_vendor_of_which_nobody_said_what_it_supplies_is_asked_everything() -> None:
    unknown = dict.fromkeys(KINDS)
    assert all(questionnaire.applies(one.applies_when, unknown) for one in SET.questions)


def test_what_servers_are_asked_too_is_asked_word_for_word() -> None:
    shared = [one for one in SET.questions if one.key in OF_SERVERS]
    assert len(shared) == 13
    for one in shared:
        other = OF_SERVERS[one.key]
        asks = ("text", "subject", "options", "event", "weight", "critical", "finding")
        assert [getattr(one, name) for name in asks] == [getattr(other, name) for name in asks], one.key


@for_each("question", SET.questions, ids=lambda question: question.key)
def test_a_question_says_what_to_look_for(question: questionnaire.Question) -> None:
    assert len(question.text) <= 200
    assert question.text.endswith("?")
    assert len(question.guidance) > 150
    assert question.evidence.endswith(".")
    assert len(question.finding.remediation) > 30
    assert Severity.of(question.finding.severity)
