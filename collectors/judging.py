"""What becomes a finding of what a look saw: faults, each kind one a server, and answers that it shows to be otherwise.

A person judges each first. A judgement holds for just what was judged: another artefact, another day is a new finding.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from assessments.answers import scored_lines
from assessments.drafts import drafts
from assessments.models import Assessment
from catalogue.models import Dimension
from collectors import facts, owners
from collectors.sources import authentication as auth
from collectors.sources import packages, registry, security_txt, tls
from monitoring import raising
from monitoring.models import Observation, Run
from monitoring.raising import Raised
from riskregister import canonical
from scoring.scales import Severity

ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Judgement:
    """How a kind of fault is told as a finding."""

    title: str
    recommendation: str
    dimension: str


JUDGEMENTS = {
    packages.EXISTS: Judgement(
        "The registry does not have the package that is relied upon",
        "Find out whether it was taken back or renamed, and let nobody install it by that name: it can be taken over.",
        Dimension.PROVENANCE,
    ),
    packages.DIGEST: Judgement(
        "The registry serves another artefact than the one that is pinned",
        "Let nobody install it. Compare both artefacts, and ask the vendor through another channel what happened.",
        Dimension.PROVENANCE,
    ),
    packages.NAME: Judgement(
        "The package says that it belongs to another server",
        "Compare registry name, package and the vendor's own site: one of them is not what it claims.",
        Dimension.PROVENANCE,
    ),
    packages.OFFERED: Judgement(
        "The package is deprecated or withdrawn",
        "Read why, and plan the move to a version that is offered.",
        Dimension.OPERATIONAL_RESILIENCE,
    ),
    owners.CHANGED: Judgement(
        "Other people than at the approval can publish the package",
        "Ask the vendor who they are. A new owner can publish a version that does harm.",
        Dimension.PROVENANCE,
    ),
    registry.STATUS: Judgement(
        "The MCP registry advises against the release",
        "Read why. What it has deleted may do harm: keep agents from it until that is known.",
        Dimension.PROVENANCE,
    ),
    tls.VERSIONS: Judgement(
        "The address takes weak encryption",
        "Ask the vendor to refuse versions before TLS 1.2 and weak ciphers, or let the gateway open TLS 1.3 only.",
        Dimension.DATA_HANDLING,
    ),
    tls.CERTIFICATE: Judgement(
        "The certificate of the address is not to be trusted, or runs out soon",
        "Ask the vendor to renew it. Let no client connect that does not check it.",
        Dimension.DATA_HANDLING,
    ),
    auth.MADE_UP: Judgement(
        "The address takes any token",
        "Take the remote out of use until it refuses tokens that it did not give.",
        Dimension.SECURITY_POSTURE,
    ),
    auth.PKCE: Judgement(
        "Who gives the tokens does not name PKCE",
        "Ask the vendor for PKCE with S256, which MCP asks of clients and of those who give tokens.",
        Dimension.SECURITY_POSTURE,
    ),
    security_txt.EXPIRES: Judgement(
        "The vendor's security.txt has run out",
        "Ask the vendor whether the way to report weaknesses still holds.",
        Dimension.SECURITY_POSTURE,
    ),
}


def raise_findings(run: Run, kept: Sequence[Observation], *, now: datetime) -> None:
    """Let what the run saw raise its findings, and note which are not seen any more. Part of applying it."""
    raised = [*_faults(run, kept), *_answers(run, kept, now=now)]
    keys = raising.known_keys(run.server, f"{run.collector}.")
    raising.raise_findings(run, raised, keys=keys, now=now)


def _faults(run: Run, kept: Iterable[Observation]) -> Iterator[Raised]:
    of_kind: dict[str, list[Observation]] = {}
    for row in kept:
        if row.severity is not None:
            of_kind.setdefault(row.key.partition(":")[0], []).append(row)
    for kind, rows in of_kind.items():
        judgement = JUDGEMENTS[kind]
        yield Raised(
            key=_key(run, kind, [[row.key, row.value] for row in rows]),
            severity=Severity(min(row.severity for row in rows if row.severity is not None)),
            title=judgement.title, recommendation=judgement.recommendation, dimension=judgement.dimension,
            observations=rows,
        )  # fmt: skip


def _answers(run: Run, kept: Sequence[Observation], *, now: datetime) -> Iterator[Raised]:
    """Yield the answers of the assessment in force that this look shows to be otherwise, and that were not so then."""
    final = Assessment.objects.filter(server=run.server_id, status=Assessment.Status.FINAL).first()
    if final is None:
        return
    known, by_words = drafts.compared_today(final, now=now), {facts.says(row): row for row in kept}
    for answer in scored_lines.applicable(final, scored_lines.answers_of(final)):
        one, option = known.get(answer.key, {}), answer.option
        was = final.known.get(answer.key, {}).get("contradicts", {})
        if option is None or option.key in was or option.key not in one.get("contradicts", {}):
            continue
        row = by_words.get(one["says"][one["contradicts"][option.key]])
        # What has a finding as a fault is not told a second time.
        if row is not None and row.severity is None:
            question = answer.question
            yield Raised(
                key=_key(run, ANSWER, [[answer.key, option.key, row.key, row.value]]),
                severity=Severity.of(question.finding_severity),
                title=f"Seen otherwise than answered: {question.finding_title}",
                recommendation=question.finding_remediation, dimension=question.dimension, observations=[row],
            )  # fmt: skip


def _key(run: Run, kind: str, about: list[list[str]]) -> str:
    """Return the lasting key of the finding of just what was seen."""
    return f"{run.collector}.{kind}:{canonical.digest(canonical.canonical(sorted(about)))[:32]}"
