"""What is said to a server, over whatever carries it: stateless since 2026-07-28, with a session before.

The answers are kept word for word. Official libraries turn them into objects and leave out what these do not know,
where a change can hide (docs/adr/0027).
"""

from collections.abc import Iterator
from typing import Any

from inspection.bounds import NothingSeen
from inspection.transport.messages import DISCOVER, STATELESS, Carrier, Declined, Json
from riskregister import unseen

_CLIENT = {"name": "mcp-vendor-risk-register", "version": "0.1.0"}
_META = "io.modelcontextprotocol/"


def hello(version: str) -> Json:
    """Return the parameters of `initialize`, with which a session begins, in a version of the protocol."""
    return {"protocolVersion": version, "capabilities": {}, "clientInfo": _CLIENT}


class Conversation:
    """One conversation with a server; `answers` are its results so far, as they came."""

    def __init__(self, carrier: Carrier) -> None:
        """Say nothing yet."""
        self.carrier = carrier
        self.answers: list[str] = []
        self._number = 0

    @property
    def version(self) -> str:
        """Return the version of the protocol that both sides speak."""
        return self.carrier.version

    def open(self) -> Json:
        """Return what the server says of itself, by the newest way that it knows."""
        try:
            self.carrier.version = STATELESS
            answer = self.ask(DISCOVER)
            versions = answer.get("supportedVersions")
            if isinstance(versions, list) and STATELESS in versions:
                return answer
        except Declined:
            # What servers before that version answer is anything: 400, 404, an error of JSON-RPC, or nothing at all.
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
        return self._result(*self.carrier.ask(message | ({"params": params} if params else {})))

    def pages(self, method: str, key: str) -> Iterator[list[Any]]:
        """Yield a list page by page. Raises NothingSeen for one without end."""
        cursor, known = None, set()
        for _page in range(self.carrier.bounds.pages):
            answer = self.ask(method, **({"cursor": cursor} if cursor else {}))
            rows = answer.get(key)
            if not isinstance(rows, list):
                raise NothingSeen("unreadable", f"Its answer to {method} holds no list of {key}.")
            yield rows
            cursor = answer.get("nextCursor")
            if not cursor:
                return
            if not isinstance(cursor, str) or cursor in known:
                break
            known.add(cursor)
        raise NothingSeen("endless", f"Its answer to {method} goes on and on: more than {len(known)} pages.")

    def close(self) -> None:
        """End it; a server that does not care is none the worse."""
        self.carrier.close()

    def _initialize(self) -> Json:
        self.carrier.version = ""
        try:
            answer = self.ask("initialize", **hello(self.carrier.sessions[0]))
        except Declined as error:
            raise NothingSeen("declined", f"It does not let the register begin: {error}") from error
        version = answer.get("protocolVersion")
        if version not in self.carrier.sessions:
            named = unseen.visible(str(version))[:40]
            raise NothingSeen("unknown_protocol", f"It speaks {named}, which the register does not know.")
        self.carrier.version = str(version)
        self.carrier.tell({"jsonrpc": "2.0", "method": "notifications/initialized"})
        return answer

    def _result(self, text: str, answer: Json) -> Json:
        error = answer.get("error")
        if isinstance(error, dict):
            code = error.get("code")
            words = unseen.visible(str(error.get("message") or "an error"))[:200]
            raise Declined(code if isinstance(code, int) else 0, words)
        result = answer.get("result")
        if not isinstance(result, dict):
            raise NothingSeen("unreadable", "Its answer holds neither a result nor an error.")
        self.answers.append(text)
        return result


class WithSession(Conversation):
    """One with a server that ends when it is asked anything before a session has begun."""

    def open(self) -> Json:
        """Return what the server says of itself as it begins the session."""
        return self._initialize()
