"""Behind a reverse proxy that ends TLS: what the register answers over HTTPS, and to whom it does not."""

import http.client
import re
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest

from riskregister import env
from tests import machines, template
from tests.installation import Installation
from tests.tables import for_each
from tests.waiting import PATIENCE, until

HOST = "register.example.org"
PRODUCTION = {
    "RISKREGISTER_ORIGIN": f"https://{HOST}",
    "RISKREGISTER_ALLOWED_HOSTS": HOST,
    "RISKREGISTER_TRUSTED_PROXIES": "1",
    "SECRET_KEY": "only-for-this-test-" + "0123456789abcdef" * 4,
}
THROUGH_THE_PROXY = {"Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
Answer = tuple[http.client.HTTPResponse, str]


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Yield the port of an empty register that is set up as docs/operations.md says."""
    free = machines.free_port()
    extra = {**PRODUCTION, "PORT": str(free)}
    running = Installation.start(template.copy_into(tmp_path_factory.mktemp("https")), flags=["--empty"], extra=extra)
    until(lambda: running.process.poll() is not None or answers(free), what="the register to answer")
    assert running.process.poll() is None, running.printed
    yield free
    running.stop()


def answers(port: int) -> bool:
    try:
        return ask(port, "GET", "/healthz", headers={"Host": HOST})[0].status == 200
    except OSError:
        return False


def ask(port: int, method: str, path: str, *, headers: dict[str, str], body: str = "") -> Answer:
    """Return an answer with its text."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request(method, path, body=body or None, headers=headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer, text


def test_plain_http_is_sent_to_https(port: int) -> None:
    for headers in ({"Host": HOST}, {"Host": HOST, "X-Forwarded-Proto": "http"}):
        answer, _text = ask(port, "GET", "/sign-in/?next=/vendors/", headers=headers)

        assert answer.status == 301
        assert answer.headers["Location"] == f"https://{HOST}/sign-in/?next=/vendors/"
        assert answer.headers["Set-Cookie"] is None
        assert answer.headers["Strict-Transport-Security"] is None


@for_each("path", ["/healthz", "/readyz"])
def test_the_load_balancer_may_ask_over_plain_http(port: int, path: str) -> None:
    assert ask(port, "GET", path, headers={"Host": HOST})[0].status == 200


@for_each("path", ["/sign-in/", "/vendors/", "/no/such/page/", "/api/v1/me/", "/static/css/app.css"])
def test_every_answer_over_https_binds_the_browser_to_it(port: int, path: str) -> None:
    answer, _text = ask(port, "GET", path, headers=THROUGH_THE_PROXY)

    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
    assert answer.headers["Referrer-Policy"] == "same-origin"


def test_cookies_stay_on_this_host_over_https_and_out_of_scripts(port: int) -> None:
    answer, _text = ask(port, "GET", "/sign-in/", headers=THROUGH_THE_PROXY)
    [cookie] = answer.headers.get_all("Set-Cookie") or []

    assert cookie.startswith("__Host-csrf=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert "domain" not in cookie.lower()


@for_each(
    ("origin", "status"),
    [
        (f"https://{HOST}", 422),
        (f"http://{HOST}", 403),
        ("https://evil.example", 403),
        (f"https://{HOST}.evil.example", 403),
        ("null", 403),
    ],
)
def test_a_form_is_taken_from_our_own_pages_only(port: int, origin: str, status: int) -> None:
    page, text = ask(port, "GET", "/sign-in/", headers=THROUGH_THE_PROXY)
    cookie = str(page.headers["Set-Cookie"]).split(";")[0]
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', text)
    assert token
    form = {"username": "nobody@example.org", "password": "wrong", "csrfmiddlewaretoken": token[1]}
    kind = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie, "Origin": origin}

    # 422: the form was read, and the password is wrong.
    answer, _text = ask(port, "POST", "/sign-in/", headers={**THROUGH_THE_PROXY, **kind}, body=urlencode(form))

    assert answer.status == status


@for_each("path", ["/sign-in/", "/healthz", "/api/v1/me/"])
@for_each("host", ["evil.example", f"{HOST}.evil.example", f"{HOST}@evil.example", "127.0.0.1"])
def test_another_host_name_is_not_ours(port: int, host: str, path: str) -> None:
    for headers in ({"Host": host}, {**THROUGH_THE_PROXY, "Host": host}):
        answer, text = ask(port, "GET", path, headers=headers)

        assert host not in f"{answer.headers} {text}"
        assert answer.status == 400


def test_a_name_that_a_proxy_forwards_does_not_replace_the_host(port: int) -> None:
    headers = {"Host": HOST, "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example;proto=https"}
    answer, text = ask(port, "GET", "/sign-in/", headers=headers)

    assert answer.headers["Location"] == f"https://{HOST}/sign-in/"
    assert "evil" not in f"{answer.headers} {text}"


@for_each(
    ("changes", "complaints"),
    [({}, []), ({"DEBUG": "true"}, ["W018"]), ({"RISKREGISTER_HTTPS": "false"}, ["W004", "W008", "W012", "W016"])],
)
def test_the_deployment_check_is_silent_only_when_nothing_is_left_open(
    tmp_path_factory: pytest.TempPathFactory, changes: dict[str, str], complaints: list[str]
) -> None:
    checked = subprocess.run(
        [sys.executable, str(env.BASE_DIR / "manage.py"), "check", "--deploy", "--fail-level", "WARNING"],
        env={**PRODUCTION, "RISKREGISTER_DATA_DIR": str(tmp_path_factory.mktemp("checked")), **changes},
        capture_output=True,
        text=True,
        check=False,
    )

    assert re.findall(r"security\.(W\d+)", checked.stderr) == complaints
    assert (checked.returncode == 0) == (not complaints), checked.stderr
