"""Which hosts were contacted, by the logs of Squid, Zeek and Hubble."""

from pathlib import Path

import pytest
from django.conf import settings

from intelligence.reading import egress
from intelligence.reading.egress import Contact
from intelligence.reading.indicators import Bad, Unusable
from tests.tables import for_each

LOGS = Path(settings.BASE_DIR).parent / "shared" / "data" / "egress"
DENIED = [("evil.example", 443, False), ("evil.example", 80, False)]
SQUID = b"1795878458.361      0 127.0.0.1 TCP_DENIED/403 1568 CONNECT evil.example:443 - HIER_NONE/- text/html\n"


@for_each(
    "name, form, found",
    [
        ("squid-native.log", "squid", [("localhost", 33129, True)] * 2 + DENIED),
        ("squid-custom.jsonl", "squid-json", [("localhost", 33129, True)] * 2 + DENIED),
        ("zeek-conn-synthetic.jsonl", "zeek", [("203.0.113.10", 443, True), ("198.51.100.7", 443, False)]),
        ("hubble-synthetic.jsonl", "hubble", [("api.acme.example", 443, True), ("collector.evil.example", 443, False)]),
    ],
)  # fmt: skip
def test_reads_who_was_contacted(name: str, form: str, found: list[tuple[str, int, bool]]):
    if not (LOGS / name).is_file():
        pytest.skip("The data are not beside the sources.")
    log = egress.read((LOGS / name).read_bytes())

    assert log.form == form
    assert [(one.host, one.port, one.was_let) for one in log.contacts if isinstance(one, Contact)] == found


def test_a_bad_line_is_told_with_its_number_and_spoils_no_other():
    found = list(egress.read(SQUID + b"nonsense\n" + SQUID).contacts)

    assert [type(one) for one in found] == [Contact, Bad, Contact]
    assert found[1] == Bad("line 2", "It is no line of Squid's own format.", "nonsense")


ZEEK = '{"id.resp_h": "evil.example", "id.resp_p": 443, "id.orig_h": "10.0.0.5", "ts": %s}\n'
FLOW = '{"flow": {"time": "2026-01-01T00:00:00Z", "IP": {"source": "10.0.0.5", "destination": "192.0.2.1"}, %s}}\n'
PORT = '"l4": {"TCP": {"destination_port": 443}}'
OTHER_SHAPE = "It is not as the lines of this form are."


@for_each(
    "line, why",
    [
        (ZEEK % "1e18", OTHER_SHAPE),
        (ZEEK % "[]", OTHER_SHAPE),
        (ZEEK.replace("443", "0") % "1", "0 is no port."),
        (ZEEK.replace("evil.example", "x" * 254) % "1", f"'{'x' * 254}' is no domain. Write it as in example.com."),
        (ZEEK.replace('"id.orig_h": "10.0.0.5", ', "") % "1", "There is no 'id.orig_h'."),
        (FLOW % '"l4": [1]', OTHER_SHAPE),
        (FLOW % f'"source": "pod", {PORT}', OTHER_SHAPE),
        (FLOW.replace('{"source": "10.0.0.5", "destination": "192.0.2.1"}', "[]") % PORT, OTHER_SHAPE),
    ],
    ids=lambda row: row[0],
)
def test_a_line_of_another_shape_than_its_form_is_told(line: str, why: str):
    [found] = egress.read(line.encode()).contacts

    assert isinstance(found, Bad)
    assert (found.place, found.why) == ("line 1", why)


@for_each("raw", [b"", b"http_port 127.0.0.1:3128\n", b"{}\n", b"{\n", b'{"a": 1}\n'])
def test_what_is_no_log_is_refused(raw: bytes):
    with pytest.raises(Unusable):
        egress.read(raw)
