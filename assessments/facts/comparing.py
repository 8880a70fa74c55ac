"""How answers compare with what the register knows: which facts stand beside a question, which answers they contradict.

The comparison is worked out with the scope of an open assessment and kept with it, by the key of the answer, so that
pages, API and score read it without looking again.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from assessments.facts import register_facts
from assessments.facts.register_facts import Known
from assessments.models import Answer, Assessment
from catalogue import applicability, comparisons, questionnaire
from catalogue.questionnaire import Question
from scoring import assurance
from vendors.models import Deployment, Release

QUARTERS = 4


@dataclass(frozen=True, slots=True)
class Contradiction:
    """What the register knows otherwise than an answer says, in words, and the most that the answer is worth then."""

    says: str
    at_most: Fraction


@dataclass(frozen=True, slots=True)
class Shown:
    """The option that a look shows to be the answer, by its key, what was seen in words, and which look it was."""

    option: str
    says: str
    run: str


def compare(
    assessment: Assessment, release: Release, deployments: Sequence[Deployment], *, now: datetime
) -> dict[str, Any]:
    """Return as plain data, by the key of each answer that something bears on, what the register knows of it.

    Release, server and deployments are those of the assessment, as they are by now.
    """
    known = register_facts.gather(release.server, release, deployments, now=now)
    each = [row.ref for row in deployments] if assessment.question_set.each_deployment else []
    found = {
        assurance.key_of(question.key, about): beside_question(question, known, about)
        for question in _compared(assessment.question_set.version)
        for about in (each if question.subject == "deployment" and each else [""])
    }
    return {key: one for key, one in found.items() if one["says"]}


def beside_question(question: Question, known: Collection[Known], about: str) -> dict[str, Any]:
    """Return as plain data what of all that is known bears on an answer about this deployment, or about all of them."""
    says: list[str] = []
    contradicts: dict[str, int] = {}
    since: dict[str, Any] = {}
    shows: dict[str, dict[str, Any]] = {}
    for comparison in question.compared:
        for one in (row for row in known if row.fact == comparison.fact and _bears(row, about)):
            if one.says not in says:
                says.append(one.says)
            place = says.index(one.says)
            if one.holds is comparison.holds:
                contradicts |= {key: place for key in sorted(comparison.contradicts) if key not in contradicts}
                if comparison.shows and one.run:
                    shows[comparison.shows] = {"option": comparison.shows, "says": place, "run": one.run}
            if comparison.dates and one.day:
                since = {"since": {"day": one.day.isoformat(), "says": place}}
    # Where two addresses show two answers, the worse one is true of the release. Options run from best to worst.
    shown = [shows[option.key] for option in question.options if option.key in shows and option.key not in contradicts]
    answer = {"shows": shown[-1]} if shown else {}
    return {"says": says, "contradicts": contradicts, "at_most": _at_most(question, contradicts), **since, **answer}


def beside(answer: Answer, assessment: Assessment) -> list[str]:
    """Return what the register knows that bears on an answer, in words."""
    sentences: list[str] = assessment.known.get(answer.key, {}).get("says", [])
    return sentences


def options(answer: Answer, assessment: Assessment) -> Collection[str]:
    """Return the keys of the options that what the register knows contradicts, `not_applicable` among them."""
    found = {*assessment.known.get(answer.key, {}).get("contradicts", ())}
    return found | ({comparisons.NOT_APPLICABLE} if _why_it_applies(answer, assessment) else set())


def shown(answer: Answer, assessment: Assessment) -> Shown | None:
    """Return the answer that a look of the register shows to the question, or None where it shows none."""
    return shown_in(assessment.known.get(answer.key, {}))


def shown_in(one: Mapping[str, Any]) -> Shown | None:
    """Return the answer that looks show, out of what stands beside an answer; None where they show none."""
    found = one.get("shows")
    return Shown(found["option"], one["says"][found["says"]], found["run"]) if found else None


def contradiction(answer: Answer, assessment: Assessment) -> Contradiction | None:
    """Return what the register knows otherwise than the answer says, or None where it contradicts nothing."""
    if answer.choice == Answer.Choice.NOT_APPLICABLE:
        says = _why_it_applies(answer, assessment)
        return Contradiction(says, Fraction(0)) if says else None
    one, option = assessment.known.get(answer.key), answer.option
    if one is None or option is None:
        return None
    if option.key in one["contradicts"]:
        return Contradiction(one["says"][one["contradicts"][option.key]], Fraction(one["at_most"], QUARTERS))
    since = one.get("since")
    # An answer that counts nothing is taken at its word.
    if since and answer.event_on and option.quarters and answer.event_on < date.fromisoformat(since["day"]):
        return Contradiction(one["says"][since["says"]], Fraction(0))
    return None


def _why_it_applies(answer: Answer, assessment: Assessment) -> str:
    """Return what the register knows of the very thing that is asked about, in words; empty where it knows nothing.

    The condition of a question is of the server and its release. It does not say that each deployment meets it: one may
    use the package of a release that has a remote, too.
    """
    one, question = assessment.known.get(answer.key, {}), answer.question
    if comparisons.NOT_APPLICABLE in one.get("contradicts", {}):
        return str(one["says"][one["contradicts"][comparisons.NOT_APPLICABLE]])
    if question.subject == question.Subject.DEPLOYMENT or not question.applies_when:
        return ""
    if assessment.server_id is None:
        # What a vendor supplies does not say what of it we use.
        return ""
    return applicability.proof(question.applies_when, assessment.facts)


def _compared(version: int) -> Iterable[Question]:
    published = questionnaire.load().of_version(version)
    return [question for question in published.questions if question.compared] if published else ()


def _bears(known: Known, about: str) -> bool:
    """Return whether a fact bears on an answer about this deployment, or about all of them."""
    return not about or known.about in ("", about)


def _at_most(question: Question, contradicted: Mapping[str, int]) -> int:
    """Return in quarters what the best answer is worth that nothing contradicts."""
    return int(max(option.value for option in question.options if option.key not in contradicted) * QUARTERS)
