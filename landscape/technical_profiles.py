"""Steps of technical profiles: written and changed; what they say that cannot be so is refused."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from accounts import principals
from accounts.access import Capability
from accounts.principals import Principal
from accounts.steps import Done, Unchanged, step
from landscape.models import TechnicalProfile
from riskregister import nouns, versions
from riskregister.refusals import Conflict, Refused
from riskregister.text import clean_word
from vendors import fields
from vendors.fields import Cleaner
from vendors.models import Deployment, Server

# RFC 6901: a slash before each part; "~" only as "~0" (itself) or "~1" (a slash).
_POINTER = re.compile(r"(/([^~/]|~[01])*)+")
_HOST = re.compile(r"(\*\.)?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d{1,5})?")
MOST_HOSTS = 200
LONGEST_DAYS, LONGEST_MINUTES = 3660, 527_040
Tls, Authentication = TechnicalProfile.Tls, TechnicalProfile.Authentication


def _pointer(value: Any, field: str) -> str:
    pointer = str(fields.word(300)(value, field))
    if pointer and not _POINTER.fullmatch(pointer):
        raise Refused(
            "Write a JSON pointer (RFC 6901): each part after a slash, such as /data/updated_at; ~1 for a slash in a"
            " name, ~0 for a tilde.",
            field=field,
        )
    return pointer


def _hosts(value: Any, field: str) -> list[str]:
    if not isinstance(value, list) or len(value) > MOST_HOSTS:
        raise Refused(f"Give at most {MOST_HOSTS} hosts.", field=field)
    hosts = [clean_word(str(one), field=field).lower() for one in value]
    for host in hosts:
        if not _HOST.fullmatch(host):
            raise Refused(f"{host!r} is no host. Write it as api.example.com or api.example.com:8443.", field=field)
    return list(dict.fromkeys(hosts))


_DAYS = fields.whole(1, LONGEST_DAYS, of="whole days")
_MINUTES = fields.whole(1, LONGEST_MINUTES, of="whole minutes")
FIELDS: dict[str, Cleaner] = {
    "transport": fields.one_of_or_empty(TechnicalProfile.Transport),
    "tls": fields.one_of_or_empty(Tls),
    "mutual_tls": fields.truth,
    "certificate_owner": fields.word(120),
    "certificate_ends_on": fields.day,
    "authentication": fields.one_of_or_empty(Authentication),
    "token_minutes": _MINUTES,
    "key_rotation_days": _DAYS,
    "key_rotated_on": fields.day,
    "calls_logged": fields.truth,
    "logs_what": fields.word(300),
    "logs_where": fields.word(200),
    "logs_days": _DAYS,
    "signatures_checked": fields.truth,
    "checksums_checked": fields.truth,
    "schema_checked": fields.truth,
    "business_rules_checked": fields.truth,
    "cross_checked": fields.truth,
    "freshness_minutes": _MINUTES,
    "freshness_pointer": _pointer,
    "is_contained": fields.truth,
    "segment": fields.word(120),
    "egress_hosts": _hosts,
    "limits": fields.word(300),
    "has_circuit_breaker": fields.truth,
    "fallback": fields.as_is,
    "degraded_mode": fields.word(300),
    "safe_agent": fields.word(300),
}


@step("profile.written", needs=Capability.WRITE, makes=TechnicalProfile)
def write(deployment: Deployment, *, by: Principal, now: datetime, **facts: Any) -> TechnicalProfile:
    """Return the technical profile of a deployment that had none; `facts` are FIELDS, the rest is not known.

    Raises Refused for a bad value and for what contradicts itself, Conflict for a second profile.
    """
    nouns.hold(deployment)
    _refuse_ended(deployment)
    made = TechnicalProfile(deployment=deployment, **fields.clean(facts, FIELDS))
    _settle(made, by=by, now=now)
    fields.save_once(made, otherwise=Conflict("This deployment has a profile already. Change that one."))
    return made


@step("profile.rewritten", needs=Capability.WRITE, edits=versions.facts(*FIELDS))
def rewrite(
    profile: TechnicalProfile, *, changes: Mapping[str, Any], by: Principal, now: datetime
) -> Done[TechnicalProfile]:
    """Return the profile with other FIELDS; records nothing when none differs. Raises as `write`."""
    _refuse_ended(profile.deployment)
    changed = fields.differing(profile, fields.clean(changes, FIELDS))
    if not changed:
        return Unchanged(profile)
    fields.put_on(profile, changed)
    _settle(profile, by=by, now=now)
    return Done(profile, fields=sorted(changed))


def _settle(profile: TechnicalProfile, *, by: Principal, now: datetime) -> None:
    """Refuse what cannot be so, and fill in what follows."""
    today = timezone.localdate(now)
    for field, words in _contradictions(profile, today=today):
        raise Refused(words, field=field)
    if profile.fallback is not None:
        _refuse_fallback(profile.fallback, profile.deployment)
    profile.set_rotation_due()
    profile.written_by, profile.written_at = principals.person_of(by), now


def _contradictions(profile: TechnicalProfile, *, today: date) -> list[tuple[str, str]]:
    """Return what a profile says against itself, by the field where it is to be mended."""
    is_local, is_plain = profile.transport == TechnicalProfile.Transport.STDIO, profile.tls == Tls.NONE
    has_certificate = bool(profile.certificate_owner or profile.certificate_ends_on)
    is_open = profile.authentication == Authentication.NONE
    rotated = profile.key_rotated_on
    rules = (
        (
            is_local and bool(profile.tls) and not is_plain,
            "tls",
            "Standard input and output has no TLS. Leave it open.",
        ),
        (is_plain and bool(profile.mutual_tls), "mutual_tls", "What is not encrypted has no mutual TLS."),
        (
            profile.mutual_tls is False and has_certificate,
            "mutual_tls",
            "You name the certificate of mutual TLS and say that there is none. Give one or the other.",
        ),
        (
            is_open and profile.token_minutes is not None,
            "token_minutes",
            "Without authentication there is no token. Leave its lifetime open.",
        ),
        (
            rotated is not None and rotated > today,
            "key_rotated_on",
            "Give the day of the last one, today at the latest.",
        ),
        (
            profile.calls_logged is False and bool(profile.logs_what or profile.logs_where or profile.logs_days),
            "calls_logged",
            "You say what is logged and that nothing is. Give one or the other.",
        ),
    )
    return [(field, words) for is_wrong, field, words in rules if is_wrong]


def _refuse_fallback(fallback: Server, deployment: Deployment) -> None:
    if fallback.pk == deployment.server_id:
        raise Refused("A server cannot take its own place. Choose another one.", field="fallback")
    if fallback.unit_id != deployment.server.unit_id or fallback.status in Server.OUT_OF_USE:
        raise Refused("Choose a server of the same unit that may be used.", field="fallback")


def _refuse_ended(deployment: Deployment) -> None:
    if deployment.ended_on is not None:
        raise Conflict(f"{deployment.ref} has ended and stays as it was.")
