"""What hostile servers do instead of answering; each is a fault of `tests.inspection.mcp_server`."""

import itertools
import json
import time
from typing import Any

from tests.inspection.mcp_server import Fault, Handler, Json, tool

_count = itertools.count()


def on(method: str, fault: Fault) -> Fault:
    """Return the fault for one method only."""
    return lambda handler, message: message["method"] == method and fault(handler, message)


def hangs(handler: Handler, message: Json) -> bool:
    handler.served.stopping.wait()
    return True


def drips(handler: Handler, message: Json) -> bool:
    """Send a byte now and then, so that no wait of a socket is long."""
    handler.begin(200)
    _drip(handler, b" ")
    return True


def drips_headers(handler: Handler, message: Json) -> bool:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    _drip(handler, b"X-A: b\r\n")
    return True


def _drip(handler: Handler, piece: bytes) -> None:
    try:
        while not handler.served.stopping.is_set():
            handler.wfile.write(piece)
            handler.wfile.flush()
            time.sleep(0.05)
    except OSError:
        return


def sends_without_end(handler: Handler, message: Json) -> bool:
    handler.begin(200)
    try:
        while not handler.served.stopping.is_set():
            handler.wfile.write(b" " * 65536)
    except OSError:
        pass
    return True


def streams_without_end(handler: Handler, message: Json) -> bool:
    handler.begin(200, kind="text/event-stream")
    notification = json.dumps({"jsonrpc": "2.0", "method": "notifications/message", "params": {"data": "x" * 4000}})
    try:
        while not handler.served.stopping.is_set():
            handler.wfile.write(f"data: {notification}\n\n".encode())
    except OSError:
        pass
    return True


def lies_about_length(handler: Handler, message: Json) -> bool:
    handler.begin(200, headers={"Content-Length": "5000"})
    handler.wfile.write(b'{"jsonrpc": "2.0", "id": ')
    return True


def sends(status: int, body: bytes, **how: Any) -> Fault:
    """Return the fault that answers so."""

    def fault(handler: Handler, message: Json) -> bool:
        handler.send(status, body, **how)
        return True

    return fault


def answers(result: Any) -> Fault:
    """Return the fault that gives this as the result."""

    def fault(handler: Handler, message: Json) -> bool:
        body = {"jsonrpc": "2.0", "id": message.get("id"), "result": result}
        handler.send(200, json.dumps(body).encode(), headers={"Mcp-Session-Id": "session-1"})
        return True

    return fault


def endless_pages(handler: Handler, message: Json) -> bool:
    return answers({"tools": [tool(f"tool_{next(_count)}")], "nextCursor": f"c{next(_count)}"})(handler, message)


def changing_tools(handler: Handler, message: Json) -> bool:
    return answers({"tools": [tool("look_up", description=f"Version {next(_count)}")]})(handler, message)
