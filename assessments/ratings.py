"""The current rating of a server: gathered from the rows, worked out by the pure module, kept for lists."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import access
from accounts.models import User
from assessments import caps, deadlines, methodology, overlays, rating, scoresheet, scoring, snapshots
from assessments.models import (
    Approval,
    Assessment,
    Finding,
    FixClaim,
    Overlay,
    RatingOverride,
    RatingRecord,
    Review,
    RiskAcceptance,
    ServerRating,
)
from assessments.models import Severity as SeverityNumber
from assessments.scales import Residual, Severity
from audit import trail
from audit.context import SYSTEM
from evidence import verification
from riskregister import transitions
from riskregister.canonical import canonical
from riskregister.refusals import Refused
from riskregister.text import clean_reason
from vendors.models import Server

_OVERRIDE_MAX = timedelta(days=365)
_BATCH = 200


class OverrideInvalid(Refused):
    """The override cannot be made like this."""


def current(server: Server, *, now: datetime) -> rating.Rating:
    """Return the computed rating of a server at `now`, before any override."""
    assessment = _final_assessment(server)
    if assessment is None:
        return _rate(server, None, None, now=now)
    return _rate(server, assessment, snapshots.score_of(assessment.snapshot), now=now)


@transaction.atomic
def refresh(server: Server, *, reason: str, now: datetime) -> ServerRating:
    """Work the rating out again and keep it; a change becomes a row of the history and an event with its reason."""
    kept = ServerRating.objects.select_for_update().filter(server=server).first()
    assessment = _final_assessment(server)
    worked_out = current(server, now=now)
    fresh = _row(server, assessment, worked_out, now=now)
    if kept is None:
        fresh.save(force_insert=True)
    else:
        fresh.save(force_update=True)
    if kept is None and assessment is None:
        return fresh
    if kept is None or _shown(kept) != _shown(fresh):
        _note_change(server, kept, fresh, worked_out, reason=reason, now=now)
    return fresh


def refresh_due(*, now: datetime) -> int:
    """Refresh the ratings that the clock alone has changed since; return how many."""
    count = 0
    while due := list(
        ServerRating.objects.filter(changes_at__lte=now).select_related("server").order_by("changes_at")[:_BATCH]
    ):
        for row in due:
            refresh(row.server, reason="The clock: a date has passed.", now=now)
            count += 1
    return count


@transaction.atomic
def request_override(
    server: Server, *, residual: str, reason: str, expires_on: date, by: User, now: datetime
) -> RatingOverride:
    """Ask that the residual risk be shown as another value for a while; somebody else decides."""
    access.require(by, access.Capability.MANAGE, unit_id=server.unit_id)
    if residual not in set(Residual) - {Residual.NOT_ASSESSED}:
        raise OverrideInvalid("Choose critical, high, medium or low.", field="residual")
    reason = clean_reason(reason)
    today = timezone.localdate(now)
    if not today < expires_on <= today + _OVERRIDE_MAX:
        raise OverrideInvalid("An override ends within a year, and not before tomorrow.", field="expires_on")
    _make_way(server, now=now)
    override = RatingOverride.objects.create(
        unit=server.unit,
        server=server,
        residual=residual,
        computed=current(server, now=now).residual.value,
        reason=reason,
        expires_on=expires_on,
        requested_by=by,
        requested_at=now,
    )
    trail.record("override.requested", override, by=by, at=now, reason=reason, concerns=server, residual=residual)
    return override


@transaction.atomic
def grant_override(override: RatingOverride, *, note: str, by: User, now: datetime) -> RatingOverride:
    """Grant an override that somebody else asked for; the computed value stays in sight."""
    _second_person(override, by=by)
    transitions.move(override, RatingOverride.Status.GRANTED, decided_by=by, decided_at=now, decision_note=note)
    trail.record("override.granted", override, by=by, at=now, reason=note, concerns=override.server)
    refresh(override.server, reason="An override was granted.", now=now)
    return override


@transaction.atomic
def refuse_override(override: RatingOverride, *, note: str, by: User, now: datetime) -> RatingOverride:
    """Refuse an override that somebody else asked for."""
    _second_person(override, by=by)
    transitions.move(override, RatingOverride.Status.REFUSED, decided_by=by, decided_at=now, decision_note=note)
    trail.record("override.refused", override, by=by, at=now, reason=note, concerns=override.server)
    return override


@transaction.atomic
def revoke_override(override: RatingOverride, *, reason: str, by: User, now: datetime) -> RatingOverride:
    """End an override before its day."""
    access.require(by, access.Capability.DECIDE, unit_id=override.unit_id)
    transitions.move(override, RatingOverride.Status.REVOKED)
    trail.record("override.revoked", override, by=by, at=now, reason=reason, concerns=override.server)
    refresh(override.server, reason="An override was revoked.", now=now)
    return override


def _make_way(server: Server, *, now: datetime) -> None:
    """End an override that has run out; refuse while another waits or holds. Of two requests at once one waits here."""
    Server.objects.select_for_update().get(pk=server.pk)
    open_ones = (RatingOverride.Status.REQUESTED, RatingOverride.Status.GRANTED)
    former = RatingOverride.objects.filter(server=server, status__in=open_ones).first()
    if former is None:
        return
    if former.status == RatingOverride.Status.REQUESTED or former.expires_on >= timezone.localdate(now):
        raise OverrideInvalid("Another override of this server waits or holds. Decide on it or revoke it first.")
    transitions.move(former, RatingOverride.Status.REVOKED)
    trail.record("override.revoked", former, by=SYSTEM, at=now, reason="It has run out.", concerns=server)


def _second_person(override: RatingOverride, *, by: User) -> None:
    access.require(by, access.Capability.DECIDE, unit_id=override.unit_id)
    if override.requested_by_id == by.pk:
        raise access.NotPermitted("You asked for this override; somebody else decides.")


def _final_assessment(server: Server) -> Assessment | None:
    rows = Assessment.objects.filter(server=server, status=Assessment.Status.FINAL).select_related("snapshot", "vendor")
    return rows.order_by("-finalised_at").first()


def _rate(
    server: Server, assessment: Assessment | None, score: scoring.Score | None, *, now: datetime
) -> rating.Rating:
    return rating.current_rating(
        score,
        overlays=_overlays(assessment, now=now) if assessment else (),
        findings=rated_findings(server, assessment) if assessment else (),
        evidence_validity=snapshots.evidence_validity(assessment.snapshot) if assessment else {},
        as_of=now,
        zone=timezone.get_default_timezone(),
        review_due=_promised(server, assessment) if assessment else None,
        tools_changed=bool(assessment) and tools_changed(server, assessment.manifest_digest if assessment else ""),
        inherent_tier=server.inherent_tier,
        methodology=score.methodology if score else methodology.load(),
    )


def _overlays(assessment: Assessment, *, now: datetime) -> list[overlays.Overlay]:
    today = timezone.localdate(now)
    rows = Overlay.objects.filter(assessment=assessment).select_related("option", "evidence__blob")
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


def rated_findings(server: Server, assessment: Assessment | None) -> list[caps.RatedFinding]:
    """Return what a rating needs to know of the findings of the server, and of the assessed vendor."""
    rows = list(Finding.objects.filter(server=server))
    if assessment and assessment.vendor_id:
        rows += Finding.objects.filter(vendor=assessment.vendor_id)
    accepted = _accepted_until(rows)
    verified = set(
        FixClaim.objects.filter(finding__in=rows, verdict=FixClaim.Verdict.PASSED).values_list("finding_id", flat=True)
    )
    return [
        caps.RatedFinding(
            number=row.ref,
            severity=Severity(SeverityNumber(row.severity).word),
            status=row.status,
            due_on=row.due_on,
            accepted_until=accepted.get(row.pk),
            question=row.question_key or None,
            verified=row.pk in verified,
        )
        for row in rows
    ]


def _accepted_until(findings: Iterable[Finding]) -> dict[object, date]:
    rows = RiskAcceptance.objects.filter(finding__in=list(findings), status=RiskAcceptance.Status.GRANTED)
    return dict(rows.order_by("expires_on").values_list("finding_id", "expires_on"))


def _promised(server: Server, assessment: Assessment) -> date | None:
    """Return the day by which somebody promised to assess again; skipping that review does not move it."""
    waiting = Q(status__in=[Review.Status.SCHEDULED, Review.Status.OPEN])
    skipped = Q(status=Review.Status.SKIPPED, trigger=Review.Trigger.CADENCE, created_at__gte=assessment.finalised_at)
    rows = Review.objects.filter(waiting | skipped, server=server).order_by("due_on")
    return rows.values_list("due_on", flat=True).first()


def _next_review(server: Server) -> date | None:
    waiting = Review.objects.waiting().filter(server=server).order_by("due_on")
    return waiting.values_list("due_on", flat=True).first()


def tools_changed(server: Server, assessed_digest: str) -> bool:
    """Return whether the newest captured manifest of the server is another than the assessed one."""
    captured = server.releases.exclude(manifest_digest="").order_by("-captured_at", "-created_at")
    newest = captured.values_list("manifest_digest", flat=True).first()
    return newest is not None and newest != assessed_digest


def _row(server: Server, assessment: Assessment | None, worked_out: rating.Rating, *, now: datetime) -> ServerRating:
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
        next_review_on=_next_review(server),
        approved_until=_approved_until(server),
    )


def _percent(exact: Fraction | None) -> Decimal | None:
    return None if exact is None else Decimal(scoring.shown(exact))


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
