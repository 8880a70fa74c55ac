"""What rests on a certificate: its document moves with it, and the ratings of the servers whose answers it supports."""

import re
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.principals import Principal
from assessments.models import AnswerEvidence, Assessment
from assurance.models import Certificate
from decisions.ratings import ratings
from evidence import records
from evidence.models import Evidence
from findings.models import Overlay
from vendors.models import Server

K, Issuer = Certificate.Kind, Evidence.Issuer
# Whoever judges itself; of the others somebody else has looked.
_OF_THE_VENDOR = (K.BRIDGE_LETTER,)
# Our own, or the vendor's, as whoever added the document says.
_OPEN = (K.PENETRATION_TEST, K.OTHER)
# Of CSA STAR: level 1 is a self-assessment, and of an entry without a level nobody knows that it is more.
_AUDITED_LEVEL = re.compile("[23]")


def issuer_of(certificate: Certificate, known: str) -> str:
    """Return who has issued the document; a bridge letter and a self-assessment are the vendor's own word."""
    is_own = certificate.kind == K.CSA_STAR and not _AUDITED_LEVEL.search(certificate.level)
    if certificate.kind in _OF_THE_VENDOR or is_own:
        return Issuer.VENDOR
    return known if certificate.kind in _OPEN else Issuer.INDEPENDENT


def last_day(certificate: Certificate, evidence: Evidence) -> date | None:
    """Return the last day on which the document counts: of what is stopped, the day before that.

    A document that was issued on the day itself counts for that day: it is not valid before it was issued.
    """
    own = certificate.counts_until
    if certificate.stopped_on is None:
        return own
    stopped = certificate.stopped_on - timedelta(days=1)
    last = min(own, stopped) if own else stopped
    return max(last, evidence.issued_on) if evidence.issued_on else last


def move(certificate: Certificate, *, by: Principal, now: datetime) -> None:
    """Let the document count as the certificate does, and work out what rests on it again. Part of a step."""
    evidence = certificate.evidence
    until, issuer = last_day(certificate, evidence), issuer_of(certificate, evidence.issuer)
    if (evidence.valid_until, evidence.issuer) == (until, issuer):
        return
    # Whoever may record the certificate may: who added the document, and for which unit, is of no account here.
    records.move.within(evidence, valid_until=until, issuer=issuer, by=by, now=now)
    for server in servers(evidence).order_by("pk"):
        reason = f"{evidence.ref}, which answers rest on, is valid otherwise than before."
        ratings.refresh_at_end(server, reason=reason, now=now)


def servers(evidence: Evidence) -> "QuerySet[Server]":
    """Return the servers whose final assessment, or a verified fix of it, rests on a document."""
    final = Assessment.objects.filter(status=Assessment.Status.FINAL, server=OuterRef("pk"))
    answered = AnswerEvidence.objects.filter(evidence=evidence, answer__assessment=OuterRef("pk"))
    fixed = Overlay.objects.filter(evidence=evidence, assessment=OuterRef("pk"))
    return Server.objects.filter(Exists(final.filter(Q(Exists(answered)) | Q(Exists(fixed)))))


def answers(evidence: Evidence, user: Any) -> "QuerySet[AnswerEvidence]":
    """Return what rests on a document, of assessments that count or are being made and that the person may see."""
    seen = Assessment.objects.visible_to(user).filter(status__in=(*Assessment.WAITING, Assessment.Status.FINAL))
    rows = AnswerEvidence.objects.filter(evidence=evidence, answer__assessment__in=seen)
    near = ("answer__question", "answer__option", "answer__assessment__server", "answer__assessment__vendor")
    return rows.select_related(*near).order_by("-answer__assessment__number", "answer__question__position")


def visible_servers(evidence: Evidence, user: Any) -> "QuerySet[Server]":
    """Return those of `servers` that the person may see, by name."""
    return servers(evidence).filter(pk__in=Server.objects.visible_to(user).values("pk")).order_by("title", "number")
