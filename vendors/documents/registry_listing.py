"""What a registry says of a release: kept with its moment, refused without a reason where it advises against it."""

from datetime import UTC, datetime
from typing import Any

from django.utils.dateparse import parse_datetime

from accounts import steps
from accounts.principals import Principal
from riskregister import marks, transitions
from riskregister.refusals import Refused
from riskregister.text import clean_text
from vendors import following
from vendors.documents.server_document import Listing
from vendors.models import Release

FIELDS = (
    "registry_status",
    "registry_message",
    "registry_changed_at",
    "registry_published_at",
    "registry_meta",
    "taken_although",
)
_MESSAGE_LIMIT = 2000


class AdvisedAgainst(Refused):
    """The registry calls the server deprecated or deleted, and nobody said why it is taken all the same."""


def fields_of(listing: Listing, *, reason: str) -> dict[str, Any]:
    """Return the fields of a release for what the registry says."""
    return {
        "registry_status": listing.status,
        "registry_message": listing.message[:_MESSAGE_LIMIT],
        "registry_changed_at": _moment(listing.changed_at),
        "registry_published_at": _moment(listing.published_at),
        "registry_meta": listing.meta,
        "taken_although": clean_text(reason, field="reason") if listing.is_warning else "",
    }


def require_reason(listing: dict[str, Any]) -> None:
    """Raise AdvisedAgainst for a new release that its registry calls deprecated or deleted, without a reason."""
    status, message = listing["registry_status"], listing["registry_message"]
    if status in Release.AGAINST and not listing["taken_although"]:
        quoted = f" (“{marks.marked(message)}”)" if message else ""
        raise AdvisedAgainst(
            f"Its registry says that this server is {status}{quoted}. Say why it is registered all the same.",
            field="reason",
        )


def note(release: Release, listing: dict[str, Any], *, by: Principal, now: datetime) -> None:
    """Let a known release have the registry's newer word, and record it. Part of a step.

    A document that came without a registry's word says nothing, so that the last word stays.
    """
    was, status = release.registry_status, listing["registry_status"]
    if not status or all(getattr(release, name) == listing[name] for name in FIELDS[:3]):
        return
    transitions.change_if(release, {"registry_status": was}, **listing)
    following.changed(release.server, reason="Its registry says something else.", now=now)
    message = marks.marked(listing["registry_message"])
    if status != was:
        data = {"release": str(release), "status": status, "was": was, "message": message}
        steps.record("release.registry_status_changed", release, by=by, now=now, **data)
    else:
        steps.record("release.registry_message_changed", release, by=by, now=now, message=message)


def _moment(text: str) -> datetime | None:
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    if moment is None:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
