"""A look at a server: what it says of itself and what it offers, as plain data. Knows neither database nor clock."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from inspection import credentials, packages, program, sandbox
from inspection.bounds import Bounds, NothingSeen
from inspection.transport.conversation import Conversation, WithSession
from inspection.transport.messages import Declined, is_unknown
from inspection.transport.over_http import OverHttp
from inspection.transport.over_stdio import OverStdio
from inspection.transport.wire import Wire
from monitoring.models import Run
from monitoring.observed import Look, Seen
from riskregister import canonical, outbound, unseen
from vendors import strict_json
from vendors.offered import captures, manifest

# How each list is asked for, and what a server declares that has it.
LISTS = (
    ("tools/list", "tools", "tools"),
    ("prompts/list", "prompts", "prompts"),
    ("resources/list", "resources", "resources"),
    ("resources/templates/list", "resourceTemplates", "resources"),
)
# What is seen of the way to a server, whatever else came of the look.
Way = Callable[[NothingSeen | None], tuple[Seen, ...]]
# What is cut to be shown may end within a credential: so many of its letters in a row are too many.
_PIECE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where to look, and how: `sources` name where credentials are, `allowed` are private networks."""

    url: str
    sources: Mapping[str, str] = field(default_factory=dict)
    allowed: outbound.Networks = ()
    bounds: Bounds = field(default_factory=Bounds)


def look(target: Target) -> Look:
    """Return what is seen there. Never raises for what a server does: what comes to nothing says so."""
    try:
        credential = credentials.header_for(target.url, target.sources)
    except NothingSeen as nothing:
        return _not_assessed(nothing, ())
    wire = Wire(target.url, credential=credential, allowed=target.allowed, bounds=target.bounds)
    found = _told(Conversation(OverHttp(wire)), lambda nothing: _of_the_way(target.url, credential, nothing))
    if credential and _repeats(found, credential):
        why = "It repeats the credential in its answers. Nothing of them is kept."
        return _not_assessed(NothingSeen("repeats_credential", why), ())
    return found


def look_at_package(packaged: packages.Packaged) -> Look:
    """Return what is seen of a package that is started for it, in a sandbox. Never raises for what its program does."""
    try:
        start = packages.start(packaged)
        found, has_answered = _started(packaged, start, Conversation)
        if found.code == "ended" and not has_answered:
            # Some end when they are asked what they do not know before a session has begun.
            found, _has_answered = _started(packaged, start, WithSession)
    except NothingSeen as nothing:
        return _not_assessed(nothing, ())
    return found


def _started(packaged: packages.Packaged, start: packages.Start, conversation: type[Conversation]) -> tuple[Look, bool]:
    """Return what is seen of the program, started anew, and whether it has answered anything."""
    command = sandbox.command(start.program, package=start.folder, environment=start.environment)
    with program.started(command, packaged.bounds) as running:
        carrier = OverStdio(running)
        found = _told(conversation(carrier), lambda _nothing: _of_the_start(packaged, start, carrier))
    return found, carrier.has_answered


def _told(talk: Conversation, way: Way) -> Look:
    try:
        return _looked(talk, way)
    except NothingSeen as nothing:
        return _not_assessed(nothing, way(nothing))
    except Declined as declined:
        refused = NothingSeen("declined", f"It does not say what it offers: {declined}")
        return _not_assessed(refused, way(refused))
    finally:
        talk.close()


def _looked(talk: Conversation, way: Way) -> Look:
    about = talk.open()
    offered = {key: _rows(talk, method, key, about, declared) for method, key, declared in LISTS}
    raw = "[" + ",\n".join(talk.answers) + "]"
    if not offered["tools"]:
        seen = way(None) + _facts(talk, about)
        return Look(outcome=Run.Status.EMPTY, code="no_tools", why="It offers no tools now.", seen=seen)
    captured = _manifest(raw)
    _ask_again(talk, captured)
    digest = canonical.digest(canonical.jcs(strict_json.read(raw, limit=len(raw.encode()))))
    seen, is_secret = way(None) + _facts(talk, about), bool(captured.dropped)
    if is_secret:
        where = ", ".join(captured.dropped)
        seen += (Seen("credentials", "What can be a credential is in its answers, which are not kept", where),)
    return Look(outcome=Run.Status.COMPLETE, raw=raw, raw_digest=digest, is_secret=is_secret, seen=seen)


def _repeats(found: Look, credential: str) -> bool:
    """Return whether anything that would be kept holds the credential, or why nothing is kept a piece of it."""
    secret = credential.rpartition(" ")[2].casefold()
    pieces = [secret[begins : begins + _PIECE] for begins in range(max(len(secret) - _PIECE, 0) + 1)]
    if any(piece in found.why.casefold() for piece in pieces):
        return True
    # Escapes hide it in the answers as they came: they are searched as they read, too.
    read = (text for _, text in strict_json.strings(json.loads(found.raw or "[]")))
    return any(secret in text.casefold() for text in (found.raw, *(one.value for one in found.seen), *read))


def _rows(talk: Conversation, method: str, key: str, about: Mapping[str, Any], declared: str) -> Sequence[Any]:
    """Return all rows of a list; none where the server neither declares it nor knows it. Tools are always asked for."""
    capabilities = about.get("capabilities")
    has = isinstance(capabilities, dict) and capabilities.get(declared) is not None
    if not has and key != "tools":
        return ()
    try:
        return [row for page in talk.pages(method, key) for row in page]
    except Declined as declined:
        if is_unknown(declined):
            return ()
        raise


def _manifest(raw: str) -> manifest.Manifest:
    try:
        return manifest.parse(raw)
    except manifest.ManifestInvalid as invalid:
        first = invalid.problems[0]
        raise NothingSeen("invalid", f"What it offers cannot be taken: {first}") from invalid


def _ask_again(talk: Conversation, captured: manifest.Manifest) -> None:
    """Raise NothingSeen for a server that changes its tools from one question to the next: no capture would hold."""
    again = [row for page in talk.pages("tools/list", "tools") for row in page]
    first = {tool.name: tool.digest for tool in captured.tools}
    try:
        second = {tool.name: tool.digest for tool in manifest.parse(canonical.jcs({"tools": again})).tools}
    except (manifest.ManifestInvalid, ValueError):
        second = {}
    if first != second:
        raise NothingSeen("unsteady", "It offers other tools when it is asked a second time. Nothing is taken over.")


def _facts(talk: Conversation, about: Mapping[str, Any]) -> tuple[Seen, ...]:
    info = about.get("serverInfo") or captures.about_itself(about)["server_info"]
    named = " ".join(str(info.get(key) or "") for key in ("name", "version")) if isinstance(info, dict) else ""
    return (
        Seen("protocol", "Speaks the Model Context Protocol", talk.version),
        Seen("server", "Calls itself", unseen.visible(named).strip()),
    )


def _of_the_way(url: str, credential: str, nothing: NothingSeen | None) -> tuple[Seen, ...]:
    """Return what is seen of the way to a server: of whom it asks a credential, and whether it is encrypted."""
    if nothing and nothing.code != "credential":
        return ()
    who = "Refuses who brings no valid credential" if nothing else "Lists its tools to"
    whom = "" if nothing else "who has a credential" if credential else "anybody"
    encrypted = "encrypted" if url.startswith("https:") else "not encrypted"
    return Seen("access", who, whom), Seen("transport", "The connection is", encrypted)


def _of_the_start(packaged: packages.Packaged, start: packages.Start, carrier: OverStdio) -> tuple[Seen, ...]:
    """Return how the package was started, and what is odd of its output."""
    made_up = (Seen("made_up", "Was given made-up values for", ", ".join(start.made_up)),) if start.made_up else ()
    strays = (Seen("strays", "Writes lines to its output that are no messages"),) if carrier.strays else ()
    return (Seen("started", "Was started in a sandbox without a network from", str(packaged)), *made_up, *strays)


def _not_assessed(nothing: NothingSeen, seen: tuple[Seen, ...]) -> Look:
    return Look(outcome=Run.Status.FAILED, code=nothing.code, why=nothing.why, seen=seen)
