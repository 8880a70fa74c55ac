"""What an approval still lacks, by the rule of the server's tier: one list for the step, the pages and the API."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import cast
from uuid import UUID

from django.db.models import Model, Q

from accounts.models import User
from assessments.models import Assessment
from catalogue.models import Question
from findings.models import Finding, RiskAcceptance
from riskregister import nouns
from riskregister.plurals import counted
from riskregister.refusals import Refused
from scoring import methodology
from scoring.approval_rules import ApprovalNeeds, EvidenceNeed
from scoring.assurance import Line, is_failed
from scoring.caps import STANDING
from scoring.rating import Rating
from scoring.scales import Band
from vendors.models import Deployment, Release, Server
from vendors.registering import exposure

# What the keys of findings begin with that a person judges before anybody approves: what a check found that may gate.
JUDGED_FIRST = "check."
# So many findings are named in the sentence of a refusal; the list beside it has all.
NAMED = 5


class Need(StrEnum):
    """Something that an approval needs; the order is that in which it is best done."""

    TOOLS = "tools"
    DEPLOYMENT = "deployment"
    FACTS = "facts"
    EVIDENCE = "evidence"
    JUDGEMENT = "judgement"
    ACCEPTANCE = "acceptance"


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that is missing: what, in words, and what it is about.

    `question` is the key of the question whose answer lacks evidence, `answer` that of the answer, with its deployment;
    `can_wait`: a conditional approval takes it as a condition.
    """

    need: Need
    text: str
    about: Model | None = None
    question: str = ""
    answer: str = ""
    can_wait: bool = False

    @property
    def subject(self) -> str:
        """Return the number of what it is about, or the key of the question."""
        return self.question or str(getattr(self.about, "ref", ""))


class ApprovalLacks(Refused):
    """Something is missing for the approval; `missing` says what."""

    def __init__(self, missing: Iterable[Missing], *, because: str = "") -> None:
        """Keep what is missing; `because` is said before it."""
        self.missing = tuple(missing)
        super().__init__(" ".join(filter(None, (because, in_words(self.missing)))))
        self.members = {"missing": [written(one) for one in self.missing]}


def of(assessment: Assessment, lines: Iterable[Line], *, unjudged: Iterable[Finding] | None = None) -> list[Missing]:
    """Return what an approval on these answers lacks, whatever its rating (see `risks`).

    `unjudged` are those of its server that `unjudged_of` returns, where they were asked for already.
    """
    return of_server(assessment.judged_server, assessment.judged_release, lines, pinned=assessment, unjudged=unjudged)


def unjudged_of(servers: Iterable[Server]) -> dict[UUID, list[Finding]]:
    """Return by server what checks found of its manifests and nobody has opened or dismissed; one statement."""
    found: dict[UUID, list[Finding]] = {server.pk: [] for server in servers}
    rows = Finding.objects.filter(
        server__in=found,
        source=Finding.Source.MONITORING,
        status=Finding.Status.PROPOSED,
        stable_key__startswith=JUDGED_FIRST,
    )
    for one in rows.order_by("severity", "number"):
        found[cast(UUID, one.server_id)].append(one)
    return found


def frozen(assessment: Assessment) -> tuple[Line, ...]:
    """Return the lines that an approval on a final assessment is judged by: each deployment's, not the worst alone."""
    return assessment.snapshot.score.every_line


def of_server(
    server: Server,
    release: Release | None,
    lines: Iterable[Line] = (),
    *,
    pinned: Assessment | None = None,
    unjudged: Iterable[Finding] | None = None,
) -> list[Missing]:
    """Return what an approval of a server at a release lacks; `pinned` is the assessment that it would be made on."""
    rules = methodology.load().approvals
    needs = rules.needs[server.inherent_tier]
    found = [
        *(_tools(server, release, pinned) if needs.tools else ()),
        *_exposure(server, needs),
        *_evidence(lines, needs.evidence),
        *_unjudged(unjudged_of([server])[server.pk] if unjudged is None else unjudged),
    ]
    return [replace(one, can_wait=one.need in rules.as_condition) for one in found]


def risks(assessment: Assessment, rating: Rating, *, but_of: User, today: date) -> list[Missing]:
    """Return the risks that somebody else than `but_of` must accept first: those of an unacceptable rating.

    What holds the rating there is named by its findings, where they are open already, else by its question.
    """
    if rating.band is not Band.UNACCEPTABLE:
        return []
    if not rating.held_by:
        # No cap stands in the way any more: the answers alone are below the band.
        granted = RiskAcceptance.objects.in_force(today=today).filter(server=assessment.judged_server)
        if granted.exclude(decided_by=but_of).exists():
            return []
        words = (
            "The answers alone make the rating unacceptable, so the risk of the server as a whole is accepted first."
        )
        return [Missing(Need.ACCEPTANCE, words, assessment.judged_server)]
    subjects = {cap.subject: cap.question or cap.reason for cap in rating.held_by}
    known = _standing(assessment, subjects)
    behind = {one.question_key for one in known} | {one.ref for one in known}
    without = [
        Missing(Need.ACCEPTANCE, words, question=subject)
        for subject, words in subjects.items()
        if subject not in behind
    ]
    return [Missing(Need.ACCEPTANCE, one.title, one) for one in known] + without


def of_tier(tier: int) -> list[str]:
    """Return in words what an approval at an inherent tier needs beside the answers, before there is a server."""
    method = methodology.load()
    needs = method.approvals.needs[tier]
    needed = [
        "captured tools" if needs.tools else "",
        "a deployment: where it runs and who uses it" if needs.deployment else "",
        "all exposure facts known" if needs.facts else "",
    ]
    if need := needs.evidence:
        which = "critical answers" if need.critical_only else f"answers of weight {need.from_weight} or more"
        level = method.evidence(need.level)
        needed.append(f"{which} that rest on {level.key} {level.title} or better")
    return [one for one in needed if one]


def in_words(missing: Iterable[Missing]) -> str:
    """Return in one sentence what is missing, e.g. "Missing for an approval: a deployment; checked evidence for …"."""
    found = list(missing)
    parts = [_named(need, [one for one in found if one.need is need]) for need in Need]
    return f"Missing for an approval: {'; '.join(filter(None, parts))}." if found else ""


def written(one: Missing) -> dict[str, object]:
    """Return one missing thing as plain data, as the API says it."""
    return {"need": one.need.value, "subject": one.subject, "text": one.text, "can_wait": one.can_wait}


def as_conditions(missing: Iterable[Missing], places: Mapping[str, int]) -> Iterator[str]:
    """Yield what a conditional approval demands instead, one condition a need; `places` numbers the questions."""
    found = list(missing)
    if any(one.need is Need.DEPLOYMENT for one in found):
        yield "Record where it runs and who uses it, as a deployment."
    unproven = sorted(places[one.question] for one in found if one.need is Need.EVIDENCE)
    if unproven:
        numbers = ", ".join(f"Q{place}" for place in unproven)
        yield f"Have the evidence checked that {counted(len(unproven), 'answer')} should rest on: {numbers}."


def places(assessment: Assessment) -> dict[str, int]:
    """Return by key the place of each question in its set, by which people and reports call it: Q1, Q2 …."""
    rows = Question.objects.filter(question_set=assessment.question_set_id)
    return dict(rows.values_list("key", "position"))


def _tools(server: Server, release: Release | None, pinned: Assessment | None) -> Iterator[Missing]:
    if pinned is not None and pinned.manifest_digest:
        return
    if release is None or not release.manifest_digest:
        words = f"The tools of {release} were never captured" if release else "No release is recorded, nor its tools"
        yield Missing(Need.TOOLS, f"{words}: nobody knows what agents could call.", release or server)
    elif pinned is not None and not pinned.is_open:
        was_frozen = pinned.status == Assessment.Status.FINAL
        words = f"The tools of {release} were captured after the answers were submitted. "
        words += "Assess the server again." if was_frozen else "Give the assessment back, to be submitted with them."
        yield Missing(Need.TOOLS, words, None if was_frozen else pinned)


def _exposure(server: Server, needs: ApprovalNeeds) -> Iterator[Missing]:
    rows = exposure.counting(server)
    if needs.deployment and not any(isinstance(row, Deployment) for row in rows):
        yield Missing(Need.DEPLOYMENT, "Nobody said where it runs and who uses it: it has no deployment.", server)
    for gap in exposure.gaps_of(rows) if needs.facts else ():
        named = ", ".join(fact.title for fact in gap.facts)
        yield Missing(Need.FACTS, f"Not known of {gap.exposed}: {named}.", gap.exposed)


def _evidence(lines: Iterable[Line], need: EvidenceNeed | None) -> Iterator[Missing]:
    if need is None:
        return
    method, named = methodology.load(), set[str]()
    for line in lines:
        is_asked = line.weight >= need.from_weight and (line.critical or not need.critical_only)
        is_good = line.value is not None and not is_failed(line, method)
        # Of a question that is answered for several deployments one line is enough to say so.
        if is_asked and is_good and line.evidence_level < need.level and line.question not in named:
            named.add(line.question)
            has, asked = method.evidence(line.evidence_level), method.evidence(need.level)
            words = f"The answer rests on {has.key} {has.title}; {asked.key} {asked.title} is asked."
            yield Missing(Need.EVIDENCE, words, question=line.question, answer=line.key)


def _unjudged(found: Iterable[Finding]) -> Iterator[Missing]:
    """Yield what is to be judged first, at whatever tier."""
    for one in found:
        yield Missing(Need.JUDGEMENT, f"{one.title}: nobody has judged it yet.", one)


def _standing(assessment: Assessment, subjects: Iterable[str]) -> list[Finding]:
    """Return the findings behind caps, which name a finding or the question that raised it."""
    named = list(subjects)
    numbers = {nouns.card(Finding).number_in(subject) for subject in named} - {None}
    about = Q(server=assessment.server_id)
    if assessment.vendor_id:
        about |= Q(vendor=assessment.vendor_id)
    rows = Finding.objects.filter(Q(number__in=numbers) | Q(question_key__in=named), about, status__in=STANDING)
    return list(rows.order_by("severity", "number"))


def _named(need: Need, found: list[Missing]) -> str:
    if not found:
        return ""
    if need is Need.EVIDENCE:
        return f"checked evidence for {counted(len(found), 'answer')}"
    if need is Need.JUDGEMENT:
        return f"a judgement of {_some(found)}"
    if need is Need.ACCEPTANCE:
        named = _some([one for one in found if one.about is not None])
        named = f" ({named})" if named else ""
        return f"{counted(len(found), 'risk')}{named} accepted by somebody else"
    return _PLAIN[need]


def _some(found: list[Missing]) -> str:
    more = [f"and {len(found) - NAMED} more"] if len(found) > NAMED else []
    return ", ".join([one.subject for one in found[:NAMED]] + more)


_PLAIN = {
    Need.TOOLS: "captured tools",
    Need.DEPLOYMENT: "a deployment",
    Need.FACTS: "exposure facts that nobody knows yet",
}
