"""The current rating of a server: gathered from the rows, worked out by the pure module, kept for lists."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from django.db import transaction
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.utils import timezone

from assessments import snapshots
from assessments.models import Assessment
from audit import trail
from audit.context import SYSTEM
from decisions.models import Approval, RatingOverride, RatingRecord, Review, ServerRating
from evidence import verification
from findings.models import Finding, FixClaim, Overlay, RiskAcceptance
from riskregister.canonical import canonical
from riskregister.unit_of_work import at_end
from scoring import assurance, caps, deadlines, overlays, rating, scoresheet
from scoring.scales import Residual, Severity
from vendors.models import Server

_BATCH = 200
_REASON = 250


@dataclass(frozen=True, slots=True)
class _ReviewDays:
    """`promised`: by when somebody promised to assess again, which skipping that review does not move; `next`: the
    first review that waits.
    """

    promised: date | None
    next: date | None


def current(server: Server, *, now: datetime) -> rating.Rating:
    """Return the computed rating of a server at `now`, before any override."""
    assessment = _final_assessment(server)
    return _rate(server, assessment, _review_days(server, assessment), now=now)


@transaction.atomic(savepoint=False)
def refresh(server: Server, *, reason: str, now: datetime) -> ServerRating:
    """Work the rating out again and keep it; a change becomes a row of the history and an event with its reason."""
    kept = ServerRating.objects.select_for_update().filter(server=server).first()
    assessment = _final_assessment(server)
    days = _review_days(server, assessment)
    worked_out = _rate(server, assessment, days, now=now)
    fresh = _row(server, assessment, worked_out, days, now=now)
    if kept is None:
        fresh.save(force_insert=True)
    else:
        fresh.save(force_update=True)
    if kept is None and assessment is None:
        return fresh
    if kept is None or _shown(kept) != _shown(fresh):
        _note_change(server, kept, fresh, worked_out, reason=reason, now=now)
    return fresh


def refresh_at_end(server: Server, *, reason: str, now: datetime) -> None:
    """Work the rating out again at the end of the unit of work, once, with all reasons that were given for it."""
    at_end(("rating", server.pk), reason, lambda reasons: refresh(server, reason=_joined(reasons), now=now))


def _joined(reasons: list[str]) -> str:
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
        refresh(server, reason=reason, now=now)
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


def _final_assessment(server: Server) -> Assessment | None:
    rows = Assessment.objects.filter(server=server, status=Assessment.Status.FINAL).select_related("snapshot")
    # A rating is worked out in every step that touches a finding: what it does not look at stays in the database.
    lean = rows.only("server_id", "vendor_id", "manifest_digest", "finalised_at", "snapshot__body")
    return lean.order_by("-finalised_at").first()


def _rate(server: Server, assessment: Assessment | None, days: _ReviewDays, *, now: datetime) -> rating.Rating:
    if assessment is None:
        return rating.not_assessed(as_of=now, inherent_tier=server.inherent_tier)
    frozen = snapshots.read(assessment.snapshot)
    score = scoresheet.recompute(frozen["sheet"])
    worked_out = rating.current_rating(
        score,
        overlays=_overlays(assessment, now=now),
        findings=rated_findings(server, assessment),
        evidence_validity=snapshots.evidence_validity(frozen),
        as_of=now,
        zone=timezone.get_default_timezone(),
        review_due=days.promised,
        tools_changed=tools_changed(server, assessment.manifest_digest),
        inherent_tier=server.inherent_tier,
        methodology=score.methodology,
    )
    return rating.in_words(worked_out, snapshots.questions(frozen))


def _overlays(assessment: Assessment, *, now: datetime) -> list[overlays.Overlay]:
    today = timezone.localdate(now)
    # Fetched beside them, not joined: most assessments have no overlay, and joins cost even where nothing is found.
    rows = Overlay.objects.filter(assessment=assessment).prefetch_related("option", "evidence__blob")
    return [
        overlays.Overlay(
            question=row.question_key,
            kind=overlays.OverlayKind(row.kind),
            at=row.at,
            value=Fraction(row.option.quarters, 4) if row.option else None,
            evidence_level=verification.level(row.evidence, today=today) if row.evidence else 0,
            valid_until=row.evidence.valid_until if row.evidence else None,
        )
        for row in rows.prefetch_related("evidence__verifications")
    ]


def rated_findings(server: Server, assessment: Assessment) -> list[caps.RatedFinding]:
    """Return what a rating looks at of the findings of the server, and of the assessed vendor."""
    about = Q(server=server) | Q(vendor=assessment.vendor_id) if assessment.vendor_id else Q(server=server)
    granted = RiskAcceptance.objects.filter(finding=OuterRef("pk"), status=RiskAcceptance.Status.GRANTED)
    # A fix that was verified before the finding opened again is none any more.
    passed = FixClaim.objects.filter(
        finding=OuterRef("pk"), verdict=FixClaim.Verdict.PASSED, verified_at__gte=OuterRef("opened_at")
    )
    # Of the others no cap ever says anything: what is medium or low, and settled ones that no answer raised.
    by_severity = Q(severity__lte=Severity.HIGH, status__in=caps.STANDING)
    rows = (
        Finding.objects.filter(about)
        .filter(by_severity | ~Q(question_key=""))
        .annotate(
            accepted_until=Subquery(granted.order_by("-expires_on").values("expires_on")[:1]),
            is_verified=Exists(passed),
        )
    )
    return [
        caps.RatedFinding(
            number=Finding.ref_of(number),
            severity=Severity(severity),
            status=status,
            due_on=due_on,
            accepted_until=accepted_until,
            question=question_key or None,
            verified=is_verified,
        )
        for number, severity, status, due_on, accepted_until, question_key, is_verified in rows.values_list(
            "number", "severity", "status", "due_on", "accepted_until", "question_key", "is_verified"
        )
    ]


def _review_days(server: Server, assessment: Assessment | None) -> _ReviewDays:
    counts = Q(status__in=Review.WAITING)
    if assessment:
        skipped = Q(status=Review.Status.SKIPPED, trigger=Review.Trigger.CADENCE)
        counts |= skipped & Q(created_at__gte=assessment.finalised_at)
    rows = list(Review.objects.filter(counts, server=server).order_by("due_on").values_list("due_on", "status"))
    return _ReviewDays(
        promised=next((due_on for due_on, _ in rows), None),
        next=next((due_on for due_on, status in rows if status in Review.WAITING), None),
    )


def tools_changed(server: Server, assessed_digest: str) -> bool:
    """Return whether the newest captured manifest of the server is another than the assessed one."""
    captured = server.releases.exclude(manifest_digest="").order_by("-captured_at", "-created_at")
    newest = captured.values_list("manifest_digest", flat=True).first()
    return newest is not None and newest != assessed_digest


def _row(
    server: Server, assessment: Assessment | None, worked_out: rating.Rating, days: _ReviewDays, *, now: datetime
) -> ServerRating:
    override = _override(server, today=timezone.localdate(now))
    residual = Residual(override.residual) if override else worked_out.residual
    score = worked_out.score
    return ServerRating(
        server=server,
        as_of=now,
        assessment=assessment,
        score=scoresheet.text(worked_out.overall) or "",
        score_percent=_percent(worked_out.overall),
        band=worked_out.band.value,
        residual=residual.value,
        residual_computed=worked_out.residual.value,
        residual_rank=residual.rank,
        dimensions={one["key"]: one for one in scoresheet.write(score)["dimensions"]} if score else {},
        coverage=(scoresheet.text(score.coverage) or "") if score else "",
        confidence=(scoresheet.text(score.confidence) or "") if score else "",
        caps=rating.write(worked_out)["caps"],
        changes_at=_earliest(worked_out.changes_at, _override_ends(override)),
        next_review_on=days.next,
        approved_until=_approved_until(server),
    )


def _percent(exact: Fraction | None) -> Decimal | None:
    return None if exact is None else Decimal(assurance.shown(exact))


def _override(server: Server, *, today: date) -> RatingOverride | None:
    rows = RatingOverride.objects.filter(server=server, status=RatingOverride.Status.GRANTED, expires_on__gte=today)
    return rows.first()


def _override_ends(override: RatingOverride | None) -> datetime | None:
    return deadlines.moment_past(override.expires_on, timezone.get_default_timezone()) if override else None


def _earliest(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment), default=None)


def _approved_until(server: Server) -> date | None:
    granted = Approval.objects.filter(server=server, status=Approval.Status.GRANTED).exclude(
        decision=Approval.Decision.REJECT
    )
    return granted.values_list("valid_until", flat=True).first()


def _shown(row: ServerRating) -> tuple[object, ...]:
    """Return what a reader would call the rating; its moment is not part of it."""
    return (row.score, row.band, row.residual, row.residual_computed, row.caps)


def _note_change(
    server: Server,
    kept: ServerRating | None,
    fresh: ServerRating,
    worked_out: rating.Rating,
    *,
    reason: str,
    now: datetime,
) -> None:
    RatingRecord.objects.create(
        server=server,
        at=now,
        reason=reason,
        score=fresh.score,
        score_percent=fresh.score_percent,
        band=fresh.band,
        residual=fresh.residual,
        body=canonical(rating.write(worked_out)),
    )
    trail.record(
        "rating.changed",
        server,
        by=SYSTEM,
        at=now,
        reason=reason,
        concerns=server,
        was=kept.residual if kept else Residual.NOT_ASSESSED.value,
        residual=fresh.residual,
        score=str(fresh.score_percent),
    )
