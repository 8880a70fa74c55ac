"""What a technical profile says, beside what was answered and what was seen: as facts, and where the two differ."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from django.utils import timezone

from assessments.facts.register_facts import Known
from landscape.models import TechnicalProfile
from monitoring.models import Observation
from scoring import deadlines
from vendors.models import Release

Tls, Authentication = TechnicalProfile.Tls, TechnicalProfile.Authentication
# What was seen, as fact and whether it holds, that is not as a profile says; by the field and what it says there.
_AGAINST: Mapping[tuple[str, str], tuple[tuple[str, bool], ...]] = {
    ("tls", Tls.TLS_13): (
        ("tls_12_strong", True), ("tls_12_only", True), ("tls_weak_ciphers", True), ("tls_old", True)
    ),
    ("tls", Tls.TLS_12): (("tls_old", True),),
    ("tls", Tls.OLD): (("tls_13_only", True), ("tls_12_strong", True), ("tls_12_only", True)),
    ("authentication", Authentication.NONE): (("anonymous_refused", True),),
    **{
        ("authentication", word): (("anonymous_refused", False),)
        for word in (Authentication.KEY, Authentication.OAUTH, Authentication.CERTIFICATE, Authentication.OTHER)
    },
}  # fmt: skip


def of(release: Release, now: datetime) -> Iterator[Known]:
    """Yield what the profiles of a server's deployments say that bears on answers; nothing of what nobody knows."""
    rows = TechnicalProfile.objects.current().filter(deployment__server=release.server_id)
    for profile in rows.select_related("deployment").order_by("deployment__number"):
        yield from _of(profile)


def _of(profile: TechnicalProfile) -> Iterator[Known]:
    about = profile.deployment.ref
    if profile.tls:
        says = f"Profile of {about}: {'not encrypted' if profile.tls == Tls.NONE else profile.get_tls_display()}."
        yield Known(fact="profile_encrypted", holds=profile.tls != Tls.NONE, says=says, about=about)
        yield Known(fact="profile_tls_13", holds=profile.tls == Tls.TLS_13, says=says, about=about)
    facts = (
        ("profile_mutual_tls", profile.mutual_tls, "both sides show a certificate", "no mutual TLS"),
        ("profile_calls_logged", profile.calls_logged, "calls are logged", "calls are not logged"),
        ("profile_contained", profile.is_contained, "it runs in a container or sandbox", "it runs in no container"),
    )
    for fact, holds, is_so, is_not in facts:
        if holds is not None:
            yield Known(fact=fact, holds=holds, says=f"Profile of {about}: {is_so if holds else is_not}.", about=about)


def seen_otherwise(profiles: Iterable[TechnicalProfile], *, now: datetime) -> dict[str, list[str]]:
    """Return in sentences what was seen of the servers that is not as their profiles say, by the deployments' ids."""
    rows = list(profiles)
    against: dict[str, list[str]] = {str(profile.deployment_id): [] for profile in rows}
    facts = {fact for pairs in _AGAINST.values() for fact, _holds in pairs}
    fresh = Observation.objects.fresh(now=now).filter(fact__in=facts)
    seen = fresh.filter(server__in=[profile.deployment.server_id for profile in rows]).order_by("key")
    for row in seen if rows else ():
        for profile in rows:
            if profile.deployment.server_id == row.server_id and (words := _differs(profile, row)):
                against[str(profile.deployment_id)].append(words)
    return against


def _differs(profile: TechnicalProfile, row: Observation) -> str:
    for (field, value), pairs in _AGAINST.items():
        if getattr(profile, field) == value and (row.fact, bool(row.holds)) in pairs:
            label = {"tls": profile.get_tls_display, "authentication": profile.get_authentication_display}[field]()
            on = deadlines.written(timezone.localdate(row.seen_at))
            return f"The profile says “{label}”; seen on {on}: {row}."
    return ""
