"""A trial of who may call a remote: without a credential, with one that was made up, and what its metadata say.

Nothing is called but `tools/list`. Metadata are those of RFC 9728 (of the resource) and RFC 8414 (of who gives tokens).
"""

import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from collectors.sources import fetching, packages
from collectors.sources.fetching import Fetch, key
from inspection.bounds import Bounds, NothingSeen
from inspection.transport import conversation, over_http
from inspection.transport.conversation import Conversation
from inspection.transport.messages import Declined
from inspection.transport.over_http import OverHttp
from monitoring.observed import Look, Seen
from riskregister import unseen
from scoring.scales import Severity

BOUNDS = Bounds(overall=60.0, request=10.0)
ANONYMOUS, MADE_UP, METADATA, PKCE, SCOPES = "anonymous", "made_up_token", "metadata", "pkce", "scopes"
_METADATA = re.compile(r'resource_metadata="?([^",\s]+)')
_REFUSED = (401, 403)
_SHOWN = 300
_HELLO: dict[str, Any] = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": conversation.hello(OverHttp.sessions[0]),
}


@dataclass(frozen=True, slots=True)
class Resource:
    """The metadata of a resource: where they stand, and what they say; `problem` is what is wrong with them."""

    url: str
    document: dict[str, Any]
    problem: str = ""


def look(urls: Sequence[str], *, fetch: Fetch) -> Look:
    """Return what is seen of who may call the addresses. Never raises for what a server does."""
    try:
        seen = [row for url in urls for row in _seen_of(url, fetch)]
    except NothingSeen as nothing:
        return fetching.not_assessed(nothing)
    return fetching.complete(tuple(seen), fetch.came)


def _seen_of(url: str, fetch: Fetch) -> Iterator[Seen]:
    status, challenge = _asked(url, fetch, credential="")
    is_refused = status in _REFUSED
    at, words = key(ANONYMOUS, url), f"Without a credential {url}"
    if not is_refused:
        lists = _lists_tools(url, fetch)
        value = "lists its tools" if lists else f"answers {status}, and lists no tools"
        yield Seen(at, words, value, fact="anonymous_refused", holds=not lists)
        return
    yield Seen(at, words, f"answers {status}", fact="anonymous_refused", holds=True)
    yield _made_up(url, fetch)
    resource = _resource(url, challenge, fetch)
    yield _metadata(url, resource)
    if resource is not None and not resource.problem:
        yield from _of_authority(url, resource, fetch)


def _asked(url: str, fetch: Fetch, *, credential: str) -> tuple[int, str]:
    """Return the status of the answer to a first request, and its challenge. Raises NothingSeen."""
    with fetch.wire(url, credential=credential).asked("POST", _HELLO, over_http.HEADERS) as answer:
        challenge = answer.header("WWW-Authenticate")
        # What was made up is no secret, and changes each time: it is not kept.
        fetch.came.append({"url": url, "status": answer.status, "challenge": challenge, "token": bool(credential)})
        if answer.status == 429 or answer.status >= 500:
            raise NothingSeen("declined", f"{urlsplit(url).hostname} answered {answer.status}.")
        return answer.status, challenge


def _lists_tools(url: str, fetch: Fetch) -> bool:
    talk = Conversation(OverHttp(fetch.wire(url)))
    try:
        talk.open()
        next(talk.pages("tools/list", "tools"), None)
    except Declined:
        return False
    except NothingSeen as nothing:
        if nothing.code in ("credential", "declined"):
            return False
        raise
    finally:
        talk.close()
    return True


def _made_up(url: str, fetch: Fetch) -> Seen:
    status, _challenge = _asked(url, fetch, credential=f"Bearer {secrets.token_urlsafe(24)}")
    is_refused = status in _REFUSED
    value = f"answers {status}" if is_refused else f"is answered with {status}: any token is taken"
    return Seen(
        key(MADE_UP, url), f"With a token that was made up {url}", value,
        severity=None if is_refused else Severity.CRITICAL,
    )  # fmt: skip


def _resource(url: str, challenge: str, fetch: Fetch) -> Resource | None:
    """Return the metadata of the resource, where the challenge says or else where RFC 9728 has them; None: there are
    none.
    """
    named = _METADATA.search(challenge)
    parts = urlsplit(url)
    origin, path = f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/")
    usual = f"{origin}/.well-known/oauth-protected-resource"
    for where in [named[1]] if named else dict.fromkeys([f"{usual}{path}", usual]):
        if not where.startswith("https://") and parts.scheme == "https":
            return Resource(where, {}, "their address is not encrypted")
        document = fetch.document_if_any(where)
        if document is not None:
            return Resource(where, document, _problem(url, document))
    return None


def _problem(url: str, document: dict[str, Any]) -> str:
    resource = document.get("resource")
    if not isinstance(resource, str) or not _covers(resource, url):
        return "they are of another resource"
    authorities = document.get("authorization_servers")
    if not isinstance(authorities, list) or not any(isinstance(one, str) for one in authorities):
        return "they name nobody who gives tokens"
    return ""


def _covers(resource: str, url: str) -> bool:
    """Return whether a resource is the address, or the whole of its origin."""
    whole = resource.rstrip("/")
    return url.rstrip("/") == whole or url.startswith(f"{whole}/")


def _metadata(url: str, resource: Resource | None) -> Seen:
    at, words = key(METADATA, url), f"Metadata of {url} by RFC 9728"
    if resource is None:
        return Seen(at, words, "none", fact="metadata_published", holds=False)
    value = resource.problem or "name who gives tokens"
    return Seen(at, words, value, fact="metadata_published", holds=not resource.problem)


def _of_authority(url: str, resource: Resource, fetch: Fetch) -> Iterator[Seen]:
    scopes = _texts(resource.document.get("scopes_supported"))
    yield Seen(key(SCOPES, url), f"Scopes that {url} names", _shown(", ".join(scopes)) or "none")
    issuer = _texts(resource.document["authorization_servers"])[0]
    at, words = key(PKCE, url), f"PKCE with S256 at {_shown(issuer)}"
    document = _authority(issuer, fetch)
    if document is None:
        yield Seen(at, words, "Not assessed: it publishes no metadata by RFC 8414", is_assessed=False)
        return
    if document.get("issuer") != issuer:
        yield Seen(at, words, "Not assessed: its metadata are of another issuer", is_assessed=False)
        return
    takes = "S256" in _texts(document.get("code_challenge_methods_supported"))
    yield Seen(at, words, "taken" if takes else "not named", severity=None if takes else Severity.MEDIUM)


def _authority(issuer: str, fetch: Fetch) -> dict[str, Any] | None:
    """Return the metadata of who gives tokens, where RFC 8414 or OpenID Connect has them; None: there are none."""
    try:
        parts = urlsplit(issuer)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    origin, path = f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/")
    places = (
        f"{origin}/.well-known/oauth-authorization-server{path}",
        f"{origin}/.well-known/openid-configuration{path}",
        f"{origin}{path}/.well-known/openid-configuration",
    )
    found = (fetch.document_if_any(place) for place in dict.fromkeys(places))
    return next((packages.mapping(one) for one in found if one is not None), None)


def _texts(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _shown(text: str) -> str:
    return unseen.in_one_line(text, _SHOWN)
