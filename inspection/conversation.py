"""What is said to a server over Streamable HTTP: stateless since 2026-07-28, with a session before.

The answers are kept word for word. Official libraries turn them into objects and leave out what these do not know,
where a change can hide (docs/adr/0026).
"""

from collections.abc import Iterator
from typing import Any

from inspection.bounds import NothingSeen
from inspection.wire import Answer, Wire
from riskregister import limits, unseen
from vendors import strict_json

Json = dict[str, Any]

STATELESS = "2026-07-28"
# Offered first, and what a server may answer instead. Before 2025-03-26 there was no Streamable HTTP.
NEWEST_SESSION = "2025-11-25"
WITH_SESSION = (NEWEST_SESSION, "2025-06-18", "2025-03-26")
_CLIENT = {"name": "mcp-vendor-risk-register", "version": "0.1.0"}
_META = "io.modelcontextprotocol/"
_SENT = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
_UNKNOWN_METHOD = -32601


class Declined(Exception):
    """The server answered with an error; `code` is that of JSON-RPC, or the status of HTTP."""

    def __init__(self, code: int, message: str) -> None:
        """Keep what it said."""
        self.code = code
        super().__init__(message)


class Conversation:
    """One conversation with a server; `answers` are its results so far, as they came."""

    def __init__(self, wire: Wire) -> None:
        """Say nothing yet."""
        self.wire = wire
        self.answers: list[str] = []
        self.version = ""
        self._session = ""
        self._number = 0

    def open(self) -> Json:
        """Return what the server says of itself, by the newest way that it knows."""
        try:
            self.version = STATELESS
            said = self.ask("server/discover")
            versions = said.get("supportedVersions")
            if isinstance(versions, list) and STATELESS in versions:
                return said
        except Declined:
            # What servers before that version answer is anything: 400, 404, an error of JSON-RPC.
            pass
        self.answers.clear()
        return self._initialize()

    def ask(self, method: str, **params: Any) -> Json:
        """Return the result of a request. Raises Declined for an error of the server, NothingSeen for anything else."""
        self._number += 1
        if self.version == STATELESS:
            params["_meta"] = {
                f"{_META}protocolVersion": STATELESS,
                f"{_META}clientInfo": _CLIENT,
                f"{_META}clientCapabilities": {},
            }
        message: Json = {"jsonrpc": "2.0", "id": self._number, "method": method}
        with self.wire.asked("POST", message | ({"params": params} if params else {}), self._headers(method)) as answer:
            self._refuse(answer)
            if method == "initialize":
                self._session = _session(answer)
            text, said = self._own(answer)
        return self._result(text, said)

    def pages(self, method: str, key: str) -> Iterator[list[Any]]:
        """Yield a list page by page. Raises NothingSeen for one without end."""
        cursor, known = None, set()
        for _page in range(self.wire.bounds.pages):
            said = self.ask(method, **({"cursor": cursor} if cursor else {}))
            rows = said.get(key)
            if not isinstance(rows, list):
                raise NothingSeen("unreadable", f"Its answer to {method} holds no list of {key}.")
            yield rows
            cursor = said.get("nextCursor")
            if not cursor:
                return
            if not isinstance(cursor, str) or cursor in known:
                break
            known.add(cursor)
        raise NothingSeen("endless", f"Its answer to {method} goes on and on: more than {len(known)} pages.")

    def close(self) -> None:
        """End the session, if there is one; a server that does not care is none the worse."""
        if self._session:
            try:
                with self.wire.asked("DELETE", None, self._headers("")):
                    return
            except NothingSeen:
                return

    def _initialize(self) -> Json:
        self.version = ""
        offer = {"protocolVersion": NEWEST_SESSION, "capabilities": {}, "clientInfo": _CLIENT}
        try:
            said = self.ask("initialize", **offer)
        except Declined as error:
            raise NothingSeen("declined", f"It does not let the register begin: {error}") from error
        version = said.get("protocolVersion")
        if version not in WITH_SESSION:
            named = unseen.visible(str(version))[:40]
            raise NothingSeen("unknown_protocol", f"It speaks {named}, which the register does not know.")
        self.version = str(version)
        with self.wire.asked(
            "POST",
            {"jsonrpc": "2.0", "method": "notifications/initialized"},
            self._headers("notifications/initialized"),
        ) as answer:
            self._refuse(answer)
        return said

    def _headers(self, method: str) -> dict[str, str]:
        said = dict(_SENT)
        if self.version:
            said["MCP-Protocol-Version"] = self.version
        if self.version == STATELESS:
            said["Mcp-Method"] = method
        elif self._session:
            said["Mcp-Session-Id"] = self._session
        return said

    def _refuse(self, answer: Answer) -> None:
        """Raise for what is no answer to a request: somebody must sign in, or the address is none of a server."""
        if answer.status in (401, 403):
            where = "names where a token comes from" if "resource_metadata" in answer.header("WWW-Authenticate") else ""
            said = f"It asks for a credential ({answer.status})" + (f" and {where}" if where else "")
            raise NothingSeen("credential", f"{said}. Name one in RISKREGISTER_INSPECT_CREDENTIALS.")
        if answer.status == 429:
            raise NothingSeen("too_often", "It was asked too often (429). The next look may see it.")
        if answer.status >= 400 and answer.kind != "application/json":
            raise Declined(answer.status, f"It answered {answer.status}.")

    def _own(self, answer: Answer) -> tuple[str, Json]:
        """Return the answer to the request that was just sent, as it came and as it reads."""
        if answer.status >= 400:
            return self._declined(answer)
        texts = answer.events() if answer.kind == "text/event-stream" else iter((answer.whole(),))
        if answer.kind not in ("text/event-stream", "application/json"):
            raise NothingSeen("unreadable", f"It answered {answer.status} with {answer.kind}: no server of MCP.")
        for text in texts:
            said = _read(text)
            if isinstance(said, dict) and "method" not in said and said.get("id") in (self._number, None):
                return text, said
        raise NothingSeen("unreadable", "It answered something else than was asked.")

    def _declined(self, answer: Answer) -> tuple[str, Json]:
        """Return the error that is the body of a refusal. Raises Declined with the status where there is none."""
        text = answer.whole()
        try:
            said = _read(text)
        except NothingSeen:
            said = None
        if not isinstance(said, dict) or "error" not in said:
            raise Declined(answer.status, f"It answered {answer.status}.")
        return text, said

    def _result(self, text: str, said: Json) -> Json:
        error = said.get("error")
        if isinstance(error, dict):
            code = error.get("code")
            words = unseen.visible(str(error.get("message") or "an error"))[:200]
            raise Declined(code if isinstance(code, int) else 0, words)
        result = said.get("result")
        if not isinstance(result, dict):
            raise NothingSeen("unreadable", "Its answer holds neither a result nor an error.")
        self.answers.append(text)
        return result


def is_unknown(declined: Declined) -> bool:
    """Return whether the server does not know what it was asked for."""
    return declined.code == _UNKNOWN_METHOD


def _read(text: str) -> Any:
    try:
        return strict_json.read(text, limit=limits.TOOLS, longest=limits.TEXT_AS_WRITTEN, entries=limits.ENTRIES)
    except strict_json.Unreadable as error:
        raise NothingSeen("unreadable", f"Its answer cannot be read: {error.problems[0]}") from error


def _session(answer: Answer) -> str:
    """Return the id of the session that the server gives, empty for none. Raises NothingSeen for one that is none."""
    said = answer.header("Mcp-Session-Id")
    if len(said) > 1000 or not all("!" <= one <= "~" for one in said):
        raise NothingSeen("unreadable", "The id of its session is none: it has other characters than a header takes.")
    return said
