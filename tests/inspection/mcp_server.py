"""A server of MCP on a free port, over Streamable HTTP in both eras, that can be told to misbehave."""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Json = dict[str, Any]
SESSION = "session-1"
# What a handler does instead of answering properly; True when it has answered.
Fault = Callable[["Handler", Json], bool]


def tool(name: str, **more: Any) -> Json:
    """Return a tool with one parameter."""
    schema = {"type": "object", "properties": {"place": {"type": "string"}}}
    return {"name": name, "description": f"Does {name}.", "inputSchema": schema} | more


@dataclass
class McpServer:
    """What the server offers and how it speaks; `asked` are the messages that came, `headers` those of each."""

    tools: list[Json] = field(
        default_factory=lambda: [tool("look_up", annotations={"readOnlyHint": True}), tool("warn")]
    )
    prompts: list[Json] = field(default_factory=list)
    resources: list[Json] = field(default_factory=list)
    instructions: str = "Ask for a place."
    is_stateless: bool = False
    streams: bool = False
    page_size: int = 100
    token: str = ""
    fault: Fault | None = None
    asked: list[Json] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    url: str = ""
    stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def methods(self) -> list[str]:
        """Return what was asked, in order."""
        return [one["method"] for one in self.asked]

    def result(self, message: Json) -> Json | None:
        """Return the result of a request, None for a method that it does not know."""
        method, params = message["method"], message.get("params") or {}
        about = {"capabilities": self._capabilities(), "instructions": self.instructions}
        info = {"name": "weather", "version": "7.1"}
        if method == "server/discover" and self.is_stateless:
            meta = {"io.modelcontextprotocol/serverInfo": info}
            return about | {"supportedVersions": ["2026-07-28"], "resultType": "complete", "_meta": meta}
        if method == "initialize" and not self.is_stateless:
            return about | {"protocolVersion": params["protocolVersion"], "serverInfo": info}
        lists: dict[str, tuple[str, list[Json]]] = {
            "tools/list": ("tools", self.tools),
            "prompts/list": ("prompts", self.prompts),
            "resources/list": ("resources", self.resources),
            "resources/templates/list": ("resourceTemplates", []),
        }
        return self._page(*lists[method], int(params.get("cursor") or 0)) if method in lists else None

    def _capabilities(self) -> Json:
        found = {"tools": self.tools, "prompts": self.prompts, "resources": self.resources}
        return {name: {"listChanged": True} for name, rows in found.items() if rows}

    def _page(self, key: str, rows: Sequence[Json], begins: int) -> Json:
        ends = begins + self.page_size
        return {key: rows[begins:ends]} | ({"nextCursor": str(ends)} if ends < len(rows) else {})


class Handler(BaseHTTPRequestHandler):
    """Takes what is posted."""

    served: McpServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.served.asked.append(message)
        self.served.headers.append({name.lower(): value for name, value in self.headers.items()})
        if self.served.fault and self.served.fault(self, message):
            return
        if self.served.token and self.headers.get("Authorization") != f"Bearer {self.served.token}":
            where = 'Bearer resource_metadata="https://example.com/.well-known/oauth-protected-resource"'
            self.send(401, b"", headers={"WWW-Authenticate": where})
        elif refusal := self._refused(message):
            self.error(message, 400, -32000, refusal)
        elif "id" not in message:
            self.send(202, b"")
        else:
            self._answer(message)

    def do_DELETE(self) -> None:
        self.served.ended.append(self.headers.get("Mcp-Session-Id", ""))
        self.send(204, b"")

    def _refused(self, message: Json) -> str:
        """Return why the headers do not fit the message, as the specification has servers check them."""
        method, meta = message["method"], (message.get("params") or {}).get("_meta") or {}
        if self.served.is_stateless:
            if self.headers.get("Mcp-Method") != method:
                return "Mcp-Method does not match."
            version = self.headers.get("MCP-Protocol-Version")
            return "" if meta.get("io.modelcontextprotocol/protocolVersion") == version == "2026-07-28" else "Version."
        if method == "initialize":
            return ""
        return "" if self.headers.get("Mcp-Session-Id") == SESSION else "Server not initialized"

    def _answer(self, message: Json) -> None:
        result = self.served.result(message)
        if result is None:
            self.error(message, 200, -32601, "Method not found")
            return
        body = json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}).encode()
        headers = {"Mcp-Session-Id": SESSION} if message["method"] == "initialize" else {}
        if self.served.streams:
            progress = json.dumps({"jsonrpc": "2.0", "method": "notifications/message", "params": {}}).encode()
            body = (
                b": hello\r\n\r\nid: 1\r\ndata: \r\n\r\nevent: message\r\ndata: "
                + progress
                + b"\r\n\r\ndata: "
                + body
                + b"\r\n\r\n"
            )
        self.send(200, body, kind="text/event-stream" if self.served.streams else "application/json", headers=headers)

    def error(self, message: Json, status: int, code: int, words: str) -> None:
        """Answer with an error of JSON-RPC."""
        body = {"jsonrpc": "2.0", "id": message.get("id"), "error": {"code": code, "message": words}}
        self.send(status, json.dumps(body).encode())

    def send(self, status: int, body: bytes, *, kind: str = "application/json", headers: Any = None) -> None:
        """Answer."""
        self.begin(status, kind=kind, headers={"Content-Length": str(len(body))} | (headers or {}))
        self.wfile.write(body)

    def begin(self, status: int, *, kind: str = "application/json", headers: Any = None) -> None:
        """Write the beginning of an answer."""
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Connection": "close", **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.close_connection = True

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def running(served: McpServer | None = None) -> Iterator[McpServer]:
    """Give a server that answers until the end of the block."""
    served = served or McpServer()
    http = ThreadingHTTPServer(("127.0.0.1", 0), type("Served", (Handler,), {"served": served}))
    http.daemon_threads = True
    served.url = f"http://127.0.0.1:{http.server_address[1]}/mcp"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        served.stopping.set()
        http.shutdown()
        http.server_close()
        thread.join()
