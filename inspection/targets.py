"""Where a server is looked at: at an address of the release that is pinned, or else of the newest."""

from django.conf import settings

from inspection.looking import Target
from riskregister.refusals import Refused
from vendors.models import Release, Remote, Server


class NoAddress(Refused):
    """The server has no address at which it could be looked at."""


def remote_of(server: Server) -> Remote:
    """Return the address, with its release. Raises NoAddress, which says what to do instead."""
    releases = Release.objects.filter(server=server).order_by("-created_at", "-revision")
    release = server.pinned_release or releases.first()
    if release is None:
        raise NoAddress("No release of this server is recorded. Import one that names its address.")
    fixed = release.remotes.fixed_streamable().order_by("url").first()
    if fixed is None:
        raise NoAddress(
            f"{release} names no fixed address of Streamable HTTP. Import what you capture from it yourself: the "
            "register starts no packages."
        )
    return fixed


def target(url: str) -> Target:
    """Return how an address is looked at in this installation."""
    return Target(url=url, sources=settings.INSPECT_CREDENTIALS, allowed=settings.OUTBOUND_ALLOW)
