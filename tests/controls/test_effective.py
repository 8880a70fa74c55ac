"""What holds of a control: more specific above more general, people above sources, and never better than is known."""

from datetime import date
from fractions import Fraction

from controls.in_place.effective import Statement, effective, inherited
from controls.sources import proposals
from scoring.assurance import Line, State
from scoring.scales import Severity
from tests.tables import for_each

TODAY = date(2026, 9, 1)
BEFORE, AFTER = date(2026, 8, 31), date(2026, 9, 2)


def stated(place: str, status: str, until: date | None = None) -> Statement:
    return Statement(place, status, "", f"{place} says {status}", until)


def found(place: str, status: str, origin: str = "A-1") -> Statement:
    return Statement(place, status, "assessment", origin)


def claimed(place: str, status: str) -> Statement:
    return Statement(place, status, "enforcement_test", "CE-1")


ORG, SERVER, DEPLOYMENT = "organisation", "server", "deployment"


@for_each(
    ("statements", "status", "origin", "counts"),
    [
        ((), "not_known", None, False),
        ((stated(ORG, "in_place"),), "in_place", "organisation says in_place", True),
        ((stated(ORG, "in_place"), stated(SERVER, "missing")), "missing", "server says missing", False),
        (
            (stated(DEPLOYMENT, "partly"), stated(SERVER, "in_place"), stated(ORG, "missing")),
            *("partly", "deployment says partly", False),
        ),
        ((stated("service", "in_place"), stated(ORG, "missing")), "in_place", "service says in_place", True),
        # Of several services those in force speak, and of these the worst; when all have lapsed, nothing is known.
        ((stated("service", "in_place"), stated("service", "partly")), "partly", "service says partly", False),
        ((stated("service", "in_place"), stated("service", "missing")), "missing", "service says missing", False),
        (
            (stated("service", "in_place"), stated("service", "partly", BEFORE)),
            *("in_place", "service says in_place", True),
        ),
        ((stated("service", "in_place", BEFORE), stated(ORG, "in_place")), "not_known", None, False),
        ((stated("service", "missing"), stated(SERVER, "in_place")), "in_place", "server says in_place", True),
        ((stated(SERVER, "not_applicable"),), "not_applicable", "server says not_applicable", True),
        ((stated(SERVER, "planned"),), "planned", "server says planned", False),
        # Taken back: as if nothing had been stated there.
        ((stated(ORG, "in_place"), stated(SERVER, "not_known")), "in_place", "organisation says in_place", True),
        # A person stands above a source, however general; a source speaks where no person does.
        ((stated(ORG, "planned"), found(SERVER, "in_place")), "planned", "organisation says planned", False),
        ((found(SERVER, "in_place"),), "in_place", "A-1", True),
        ((found(SERVER, "in_place"), found(DEPLOYMENT, "missing", "A-2")), "missing", "A-2", False),
        ((found(SERVER, "in_place"), found(SERVER, "partly", "C-1")), "partly", "C-1", False),
        # What is only claimed speaks where nothing is found, however near; a test that failed is a finding.
        ((claimed(DEPLOYMENT, "partly"), found(SERVER, "in_place")), "in_place", "A-1", True),
        ((claimed(SERVER, "partly"),), "partly", "CE-1", False),
        ((claimed(DEPLOYMENT, "missing"), found(SERVER, "in_place")), "missing", "CE-1", False),
        # Contradicted: what is stated stands, and does not count.
        ((stated(ORG, "in_place"), found(SERVER, "missing")), "in_place", "organisation says in_place", False),
        ((stated(ORG, "in_place"), found(SERVER, "partly")), "in_place", "organisation says in_place", True),
        ((stated(ORG, "partly"), found(SERVER, "missing")), "partly", "organisation says partly", False),
        # The last day counts, the day after it does not; it hides what is stated more generally.
        ((stated(SERVER, "in_place", TODAY),), "in_place", "server says in_place", True),
        ((stated(SERVER, "in_place", BEFORE),), "not_known", None, False),
        ((stated(SERVER, "in_place", BEFORE), stated(ORG, "in_place")), "not_known", None, False),
        ((stated(SERVER, "in_place", BEFORE), found(SERVER, "partly")), "partly", "A-1", False),
        (
            (stated(ORG, "in_place", BEFORE), stated(SERVER, "in_place", AFTER)),
            "in_place",
            "server says in_place",
            True,
        ),
    ],
)
def test_what_holds(statements: tuple[Statement, ...], status: str, origin: str | None, counts: bool) -> None:
    for order in (statements, tuple(reversed(statements))):
        holds = effective(order, today=TODAY)
        assert (holds.status, holds.basis.origin if holds.basis else None) == (status, origin)
        assert holds.counts is counts
        assert holds.is_known is (status != "not_known")


@for_each(
    ("status", "whole", "flawed"),
    [
        ("in_place", "in_place", "partly"),
        ("partly", "partly", "partly"),
        ("planned", "planned", "planned"),
        ("missing", "missing", "missing"),
        # That the gateway needs no sandbox says nothing of the servers behind it.
        ("not_applicable", "not_known", "not_known"),
    ],
)
def test_what_a_service_passes_on(status: str, whole: str, flawed: str) -> None:
    assert (inherited(status, is_whole=True), inherited(status, is_whole=False)) == (whole, flawed)


def test_names_what_contradicts_and_what_has_lapsed() -> None:
    wrong = effective([stated(SERVER, "in_place"), found(DEPLOYMENT, "missing"), found(SERVER, "partly")], today=TODAY)
    assert wrong.contradicted_by == (found(DEPLOYMENT, "missing"),)
    gone = effective([stated(SERVER, "in_place", BEFORE)], today=TODAY)
    assert gone.lapsed == stated(SERVER, "in_place", BEFORE)
    assert not gone.is_contradicted


def line(value: str) -> Line:
    """Return the line of an answer: what it is worth, or what kind of silence it is."""
    states = {"?": State.DONT_KNOW, "": State.UNANSWERED, "na": State.NOT_APPLICABLE, "na?": State.NOT_APPLICABLE}
    return Line(
        question="provenance.one", dimension="provenance", subject="release", weight=1, critical=False,
        severity=Severity.LOW, state=states.get(value, State.OPTION),
        value=None if value in states else Fraction(value), na_confirmed=value == "na",
    )  # fmt: skip


@for_each(
    ("answers", "status"),
    [
        ("1", "in_place"),
        ("1 1 na", "in_place"),
        ("1 3/4", "partly"),
        ("3/4", "partly"),
        ("1 0", "partly"),
        ("0 0", "missing"),
        ("0 ?", "missing"),
        # What nobody knows is never in place, and says nothing by itself.
        ("1 ?", "partly"),
        ("?", ""),
        ("", ""),
        ("na na", "not_applicable"),
        ("na ?", ""),
        ("na?", ""),
        ("1 na?", "partly"),
    ],
)
def test_what_answers_say_of_a_control(answers: str, status: str) -> None:
    assert proposals.status_of([line(one) for one in answers.split()]) == status


def test_a_silent_answer_says_nothing() -> None:
    assert proposals.status_of([line("")]) == ""
    assert proposals.by_status({7: [line("")], 3: [line("1")], 2: [line("1")], 9: [line("0")]}) == {
        "in_place": [2, 3],
        "missing": [9],
    }
