"""What every answer carries, and which headers of a request are not believed."""

import http.client
import re
import socket

from tests.installation import Installation
from tests.tables import for_each
from tests.waiting import PATIENCE

ANSWERS = {
    "/sign-in/": 200,
    "/": 302,
    "/vendors/": 302,
    "/vendors": 301,
    "/no/such/page/": 404,
    "/account/theme/": 405,
    "/sign-out/": 405,
    "/set-password/x/y/": 410,
    "/static/css/app.css": 200,
    "/static/none.css": 404,
    "/healthz": 200,
    "/readyz": 200,
    "/api/v1/me/": 401,
    "/api/v1/none/": 404,
    "/api/v1/schema/": 200,
}


@for_each("path", ANSWERS)
def test_every_answer_has_a_policy_a_type_and_says_who_may_keep_it(door: http.client.HTTPConnection, path: str) -> None:
    door.request("GET", path, headers={"Cookie": "riskregister_session=" + "a" * 32})
    answer = door.getresponse()
    answer.read()

    assert answer.status == ANSWERS[path]
    assert "default-src 'none'" in str(answer.headers["Content-Security-Policy"])
    assert "unsafe" not in str(answer.headers["Content-Security-Policy"])
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    shared = path.startswith("/static/css") or path == "/api/v1/schema/"
    assert ("public" if shared else "no-store") in str(answer.headers["Cache-Control"])


@for_each("host", ["evil.example", "localhost@evil.example", "localhost\\evil", ""])
def test_a_host_that_is_not_ours_is_refused_under_the_same_policy(door: http.client.HTTPConnection, host: str) -> None:
    door.putrequest("GET", "/vendors", skip_host=True)
    door.putheader("Host", host)
    door.endheaders()
    answer = door.getresponse()
    answer.read()

    assert answer.status == 400
    assert "default-src 'none'" in str(answer.headers["Content-Security-Policy"])
    assert answer.headers["Cache-Control"] == "no-store"


@for_each(
    "header",
    [
        "X-Forwarded-Host: evil.example",
        "X-Forwarded-Proto: https",
        "X-Forwarded-For: 203.0.113.9",
        "SCRIPT_NAME: /evil",
        "PATH_INFO: /healthz",
        "X-HTTP-Method-Override: DELETE",
    ],
)
def test_a_header_that_only_a_proxy_may_set_changes_nothing(running: Installation, header: str) -> None:
    assert seen(running, "/evil/sign-in/", header)[0] == 404
    status, page = seen(running, "/sign-in/", header)
    assert (status, "evil" in page) == (200, False)
    assert "<h1>Sign in</h1>" in re.sub(r"\s*\n\s*", "", page)


def seen(running: Installation, path: str, header: str) -> tuple[int, str]:
    """Return status and text of an answer; the header goes out as it is written here."""
    port = int(running.address().rsplit(":", 1)[1])
    with socket.create_connection(("localhost", port), timeout=PATIENCE) as wire:
        wire.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\n{header}\r\nConnection: close\r\n\r\n".encode())
        text = b"".join(iter(lambda: wire.recv(65536), b"")).decode()
    return int(text.split()[1]), text
