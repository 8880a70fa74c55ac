"""Bodies too large or of unknown length are refused at the door, in words, and fill neither memory nor disk."""

import gzip
import http.client
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.installation import Installation
from tests.tables import for_each

MB = 1024 * 1024
COOKIE = f"riskregister_csrf={'a' * 32}"
BOMB = gzip.compress(bytes(50 * MB))
PIECE = b"a" * (64 * 1024)
FORM, JSON, FILE = "application/x-www-form-urlencoded", "application/json", "multipart/form-data; boundary=X"
FILE_BEGINS = b'--X\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
PLACES = [
    ("/sign-in/", FORM),
    ("/sign-in/", FILE),
    ("/servers/register/", FILE),
    ("/findings/new/", FORM),
    ("/account/theme/", FORM),
    ("/api/v1/vendors/", JSON),
    ("/api/v1/evidence/", FILE),
    ("/api/v1/servers/import/", JSON),
    ("/api/v1/nothing/", FORM),
    ("/healthz", JSON),
]


def pieces(size: int) -> Iterator[bytes]:
    yield FILE_BEGINS
    for _ in range(size // len(PIECE)):
        yield PIECE


def web_worker(running: Installation) -> int:
    """Return the process id of the web worker: the youngest process of gunicorn below the installation."""
    rows = [row.split(None, 2) for row in _ps().splitlines()]
    mine = {running.process.pid}
    for pid, parent, _command in rows:
        if int(parent) in mine:
            mine.add(int(pid))
    return max(int(pid) for pid, _parent, command in rows if int(pid) in mine and "gunicorn" in command)


def _ps() -> str:
    return subprocess.run(
        ["ps", "-eo", "pid=,ppid=,args=", "--sort=start_time"], check=True, text=True, capture_output=True
    ).stdout


def peak(pid: int) -> int:
    """Return the most memory that a process ever held, in MB."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1]) // 1024


def detail_of(answer: http.client.HTTPResponse) -> str:
    text = answer.read().decode()
    return str(json.loads(text)["detail"]) if "json" in str(answer.headers["Content-Type"]) else text


@for_each(("path", "kind"), PLACES)
def test_fifty_megabytes_are_refused_with_the_limit(
    running: Installation, door: http.client.HTTPConnection, path: str, kind: str
) -> None:
    before = peak(web_worker(running))
    headers = {"Content-Type": kind, "Content-Length": str(50 * MB + len(FILE_BEGINS)), "Cookie": COOKIE}

    door.request("POST", path, body=pieces(50 * MB), headers=headers)
    answer = door.getresponse()

    assert answer.status == 413
    assert ("At most 26 MB" if kind == FILE else "At most 4 MB") in detail_of(answer)
    assert "frame-ancestors 'none'" in str(answer.headers["Content-Security-Policy"])
    assert peak(web_worker(running)) - before < 20


@for_each("path", ["/sign-in/", "/account/theme/", "/api/v1/vendors/"])
def test_a_body_of_unknown_length_is_not_taken_for_an_empty_one(door: http.client.HTTPConnection, path: str) -> None:
    door.request("POST", path, body=iter([b"theme=dark"]), headers={"Content-Type": FORM}, encode_chunked=True)

    answer = door.getresponse()

    assert answer.status == 411
    assert "Send the length of the body" in detail_of(answer)


@for_each("coding", ["gzip", "GZIP", "deflate", "br", "gzip, identity"])
@for_each(("path", "kind"), [("/sign-in/", FORM), ("/servers/register/", FILE), ("/api/v1/vendors/", JSON)])
def test_a_compressed_body_is_refused_and_never_unpacked(
    running: Installation, door: http.client.HTTPConnection, path: str, kind: str, coding: str
) -> None:
    before = peak(web_worker(running))
    headers = {"Content-Type": kind, "Content-Encoding": coding, "Cookie": COOKIE}

    door.request("POST", path, body=BOMB, headers=headers)
    answer = door.getresponse()

    assert answer.status == 415
    assert "without Content-Encoding" in detail_of(answer)
    assert peak(web_worker(running)) - before < 20


def test_a_body_that_is_said_to_be_as_it_is_passes(door: http.client.HTTPConnection) -> None:
    headers = {"Content-Type": FORM, "Content-Encoding": "identity", "Cookie": COOKIE}
    door.request("POST", "/sign-in/", body=b"username=a", headers=headers)

    assert door.getresponse().status == 403


def test_the_limit_itself_passes(door: http.client.HTTPConnection) -> None:
    body = b"username=" + b"a" * (4 * MB - 9)
    door.request("POST", "/sign-in/", body=body, headers={"Content-Type": FORM, "Cookie": COOKIE})

    # The form lacks its CSRF token: it was read, and refused for that.
    assert door.getresponse().status == 403
