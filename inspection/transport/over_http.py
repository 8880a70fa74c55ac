"""Messages over Streamable HTTP: which headers go with them, what a status means, and which answer is whose."""

from inspection.bounds import Bounds, NothingSeen
from inspection.transport.messages import STATELESS, Declined, Json, is_answer, read
from inspection.transport.wire import Answer, Wire

HEADERS = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}


class OverHttp:
    """A carrier to one address; the session that the server gives is kept, and ended."""

    # Before 2025-03-26 there was no Streamable HTTP.
    sessions: tuple[str, ...] = ("2025-11-25", "2025-06-18", "2025-03-26")

    def __init__(self, wire: Wire) -> None:
        """Say nothing yet."""
        self.wire, self.version = wire, ""
        self.bounds: Bounds = wire.bounds
        self._session = ""

    def ask(self, message: Json) -> tuple[str, Json]:
        """Return the answer to a request, as it came and as it reads. Raises Declined and NothingSeen."""
        with self.wire.asked("POST", message, self._headers(message["method"])) as answer:
            _refuse(answer)
            if message["method"] == "initialize":
                self._session = _session(answer)
            return _own(answer, message)

    def tell(self, message: Json) -> None:
        """Send what nobody answers. Raises Declined and NothingSeen."""
        with self.wire.asked("POST", message, self._headers(message["method"])) as answer:
            _refuse(answer)

    def close(self) -> None:
        """End the session, if there is one."""
        if self._session:
            try:
                with self.wire.asked("DELETE", None, self._headers("")):
                    return
            except NothingSeen:
                return

    def _headers(self, method: str) -> dict[str, str]:
        headers = dict(HEADERS)
        if self.version:
            headers["MCP-Protocol-Version"] = self.version
        if self.version == STATELESS:
            headers["Mcp-Method"] = method
        elif self._session:
            headers["Mcp-Session-Id"] = self._session
        return headers


def _refuse(answer: Answer) -> None:
    """Raise for what is no answer to a request: somebody must sign in, or the address is none of a server."""
    if answer.status in (401, 403):
        where = "names where a token comes from" if "resource_metadata" in answer.header("WWW-Authenticate") else ""
        reason = f"It asks for a credential ({answer.status})" + (f" and {where}" if where else "")
        raise NothingSeen("credential", f"{reason}. Name one in RISKREGISTER_INSPECT_CREDENTIALS.")
    if answer.status == 429:
        raise NothingSeen("too_often", "It was asked too often (429). The next look may see it.")
    if answer.status >= 400 and answer.kind != "application/json":
        raise Declined(answer.status, f"It answered {answer.status}.")


def _own(answer: Answer, message: Json) -> tuple[str, Json]:
    """Return the answer to the request that was just sent, as it came and as it reads."""
    if answer.status >= 400:
        return _declined(answer)
    texts = answer.events() if answer.kind == "text/event-stream" else iter((answer.whole(),))
    if answer.kind not in ("text/event-stream", "application/json"):
        raise NothingSeen("unreadable", f"It answered {answer.status} with {answer.kind}: no server of MCP.")
    for text in texts:
        received = read(text)
        if is_answer(received, message):
            return text, received
    raise NothingSeen("unreadable", "It answered something else than was asked.")


def _declined(answer: Answer) -> tuple[str, Json]:
    """Return the error that is the body of a refusal. Raises Declined with the status where there is none."""
    text = answer.whole()
    try:
        received = read(text)
    except NothingSeen:
        received = None
    if not isinstance(received, dict) or "error" not in received:
        raise Declined(answer.status, f"It answered {answer.status}.")
    return text, received


def _session(answer: Answer) -> str:
    """Return the id of the session that the server gives, empty for none. Raises NothingSeen for one that is none."""
    session = answer.header("Mcp-Session-Id")
    if len(session) > 1000 or not all("!" <= one <= "~" for one in session):
        raise NothingSeen("unreadable", "The id of its session is none: it has other characters than a header takes.")
    return session
