"""The current rating of a server: worked out by the pure module from what `rating_inputs` gathers, kept for lists."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone

from assessments import snapshots
from assessments.models import Assessment
from audit import trail
from audit.context import SYSTEM
from decisions.models import RatingRecord, ServerRating
from decisions.models.rating import RATED
from decisions.ratings import rating_inputs, worsening
from decisions.ratings.rating_inputs import Known
from findings.models import Finding
from riskregister import nouns
from riskregister.canonical import canonical
from riskregister.unit_of_work import at_end
from scoring import assurance, caps, deadlines, rating, scoresheet
from scoring.scales import Residual, Severity
from seal.problems import Problem
from vendors.models import Server

_BATCH = 200
_REASON = 250


def current(server: Server, *, now: datetime, final: Assessment | None = None) -> rating.Rating:
    """Return the computed rating of a server at `now`, before any override.

    `final` is its final assessment where that is loaded already.
    """
    assessment = final or rating_inputs.final_assessment(server)
    return _rate(server, assessment, rating_inputs.known(server, assessment, today=timezone.localdate(now)), now=now)


def as_decided(server: Server, *, now: datetime, final: Assessment) -> rating.Rating:
    """Return the rating that an approval of a final assessment brings: its review is ahead, no former end counts."""
    today = timezone.localdate(now)
    known = rating_inputs.known(server, final, today=today)
    return _rate(server, final, replace(known, promised=today + timedelta(days=1), approved_until=None), now=now)


@transaction.atomic(savepoint=False)
def refresh(server: Server, *, reason: str, now: datetime, final: Assessment | None = None) -> ServerRating:
    """Work the rating out again and keep it; a change becomes a row of the history and an event with its reason."""
    kept = next(iter(nouns.hold_all(ServerRating.objects.filter(server=server))), None)
    assessment = final or rating_inputs.final_assessment(server)
    known = rating_inputs.known(server, assessment, today=timezone.localdate(now))
    worked_out = _rate(server, assessment, known, now=now)
    fresh = _row(server, assessment, worked_out, known, now=now)
    fresh.worse_since = worsening.since(kept, fresh, approved_as=known.approved_as, now=now)
    fresh.round()
    differs = assessment is not None if kept is None else _rated(kept) != _rated(fresh)
    # Before the row: it does not change without a record of what it changes to.
    record = _record(server, kept, fresh, worked_out, reason=reason, now=now) if differs else None
    if kept is None:
        fresh.save(force_insert=True)
    else:
        fresh.save(force_update=True)
    if record is not None:
        _say_change(server, fresh, record, reason=reason, now=now)
    worsening.note(server, kept, fresh, approved_as=known.approved_as, reason=reason, now=now)
    return fresh


def refresh_at_end(server: Server, *, reason: str, now: datetime, final: Assessment | None = None) -> None:
    """Work the rating out again at the end of the unit of work, once, with all reasons that were given for it.

    `final` is the assessment that has just become final, whose snapshot need not be read again.
    """

    def work_out(given: list[tuple[str, Assessment | None]]) -> None:
        newest = next((one for _, one in reversed(given) if one), None)
        refresh(server, reason=_joined(why for why, _ in given), now=now, final=newest)

    at_end(("rating", server.pk), (reason, final), work_out)


def _joined(reasons: Iterable[str]) -> str:
    """Return the reasons of a unit of work as one, each once."""
    joined = " ".join(dict.fromkeys(reasons))
    return joined if len(joined) <= _REASON else f"{joined[: _REASON - 1]}…"


@transaction.atomic(savepoint=False)
def take_in(finding: Finding, server: Server, *, reason: str, now: datetime) -> None:
    """Bring the rating up to date with a finding that no answer raised and that has just opened.

    A rating looks at such a finding while it is critical, or high and past its due date. Until then nothing changes but
    the moment at which the clock may change the rating, so that the rating is not worked out again.
    """
    severity = Severity(finding.severity)
    today, zone = timezone.localdate(now), timezone.get_default_timezone()
    if caps.counts_on(today, severity=severity, due_on=finding.due_on):
        refresh_at_end(server, reason=reason, now=now)
        return
    last_day = caps.last_day_free(severity=severity, due_on=finding.due_on)
    moment = deadlines.moment_past(last_day, zone) if last_day else None
    if moment:
        # Without a condition on the row: it must be held even where nothing is to be changed, since a step that works
        # the rating out at this moment does not see the finding yet.
        kept = When(Q(assessment=None) | Q(changes_at__lt=moment), then=F("changes_at"))
        ServerRating.objects.filter(server=server).update(changes_at=Case(kept, default=Value(moment)))


def refresh_due(*, now: datetime) -> int:
    """Refresh the ratings that the clock alone has changed since; return how many.

    A server whose snapshot does not recompute keeps its rating and stops no other; raises the last such
    scoresheet.DoesNotRecompute after all others are done.
    """
    count, trouble = 0, None
    damaged: set[UUID] = set()
    past = ServerRating.objects.filter(changes_at__lte=now).select_related("server").order_by("changes_at")
    while due := list(past.exclude(pk__in=damaged)[:_BATCH]):
        for row in due:
            try:
                with transaction.atomic():
                    refresh(row.server, reason="The clock: a date has passed.", now=now)
                count += 1
            except scoresheet.DoesNotRecompute as error:
                damaged.add(row.pk)
                trouble = error
    if trouble:
        raise trouble
    return count


def missing() -> Iterator[Problem]:
    """Yield the servers whose rating is gone: each has one from its registration on, which no event tells at first."""
    for pk in Server.objects.filter(rating=None).order_by("number").values_list("pk", flat=True):
        yield Problem("row", f"{ServerRating._meta.label_lower}:{pk}", "It is gone, and no event says so.")


def _rate(server: Server, assessment: Assessment | None, known: Known, *, now: datetime) -> rating.Rating:
    if assessment is None:
        return rating.not_assessed(as_of=now, inherent_tier=known.inherent_tier)
    frozen, score = assessment.snapshot.data, assessment.snapshot.score
    moved = rating_inputs.moved_evidence(frozen) if known.evidence_moved else {}
    worked_out = rating.current_rating(
        score,
        overlays=rating_inputs.laid_over(assessment),
        findings=rating_inputs.rated_findings(server, assessment),
        evidence_validity=snapshots.evidence_validity(frozen, moved),
        as_of=now,
        zone=timezone.get_default_timezone(),
        review_due=known.promised,
        tools_changed=known.tools not in (None, assessment.manifest_digest),
        approved_until=known.approved_until,
        inherent_tier=known.inherent_tier,
        methodology=score.methodology,
        asked_depth=snapshots.depth_of(frozen),
        new_deployments=rating_inputs.new_deployments(server, snapshots.deployments_of(frozen)),
    )
    return rating.in_words(worked_out, snapshots.questions(frozen))


def _row(
    server: Server, assessment: Assessment | None, worked_out: rating.Rating, known: Known, *, now: datetime
) -> ServerRating:
    residual = Residual(known.override) if known.override else worked_out.residual
    score = worked_out.score
    return ServerRating(
        server=server,
        as_of=now,
        assessment=assessment,
        score=scoresheet.text(worked_out.overall) or "",
        score_percent=assurance.percent(worked_out.overall),
        band=worked_out.band.value,
        residual=residual.value,
        residual_computed=worked_out.residual.value,
        residual_rank=residual.rank,
        dimensions={one["key"]: one for one in scoresheet.write(score)["dimensions"]} if score else {},
        coverage=(scoresheet.text(score.coverage) or "") if score else "",
        confidence=(scoresheet.text(score.confidence) or "") if score else "",
        caps=rating.write(worked_out)["caps"],
        changes_at=_earliest(worked_out.changes_at, _ends(known.override_until)),
        next_review_on=known.next_review,
        approved_until=known.approved_until,
    )


def _ends(last_day: date | None) -> datetime | None:
    return deadlines.moment_past(last_day, timezone.get_default_timezone()) if last_day else None


def _earliest(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment), default=None)


def _rated(row: ServerRating) -> list[object]:
    """Return what a reader would call the rating, with what it rests on; its moment is not part of it."""
    return [getattr(row, one.attname) for one in row._meta.concrete_fields if one.name in RATED]


def _record(
    server: Server,
    kept: ServerRating | None,
    fresh: ServerRating,
    worked_out: rating.Rating,
    *,
    reason: str,
    now: datetime,
) -> RatingRecord:
    return RatingRecord.objects.create(
        server=server,
        at=now,
        reason=reason,
        score=fresh.score,
        score_percent=fresh.score_percent,
        band=fresh.band,
        was=kept.residual if kept else Residual.NOT_ASSESSED.value,
        residual=fresh.residual,
        body=canonical(rating.write(worked_out)),
    )


def _say_change(server: Server, fresh: ServerRating, record: RatingRecord, *, reason: str, now: datetime) -> None:
    trail.record(
        "rating.changed",
        server,
        by=SYSTEM,
        at=now,
        reason=reason,
        rows=(fresh, record),
        was=record.was,
        residual=fresh.residual,
        score=None if fresh.score_percent is None else str(fresh.score_percent),
    )
