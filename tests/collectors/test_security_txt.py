"""What is seen of a vendor's security.txt, by RFC 9116."""

import pytest

from collectors.sources import security_txt
from collectors.sources.fetching import Fetch
from inspection.bounds import Redirected
from monitoring.models import Run
from monitoring.observed import Look, Seen
from scoring.scales import Severity
from tests.cast import NOON
from tests.collectors.pages import Pages
from tests.inspection.scene import LOOPBACK
from tests.tables import for_each

PLACE, FORMER_PLACE = "/.well-known/security.txt", "/security.txt"
CONTACTS = "# Hello\nContact: mailto:security@example.com\r\nContact: https://example.com/report\n"
GOOD = f"{CONTACTS}Expires: 2027-01-01T00:00:00z\n"
SIGNED = f"""-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA512

- Contact: https://example.com/a
{GOOD}-----BEGIN PGP SIGNATURE-----

Contact: https://attacker.example/
-----END PGP SIGNATURE-----
"""


@pytest.fixture
def site(running: Pages) -> Pages:
    running.pages.clear()
    running.asked.clear()
    return running


class Moved(Fetch):
    """What fetches of a site that leads from everywhere but these addresses to its own www."""

    def __init__(self, texts: dict[str, str]) -> None:
        """Hold them."""
        super().__init__()
        self.texts, self.texts_asked = texts, list[str]()

    def text(self, url: str, *, accept: str) -> str | None:
        """Return the text at an address, or lead on."""
        self.texts_asked.append(url)
        if url not in self.texts:
            raise Redirected("It leads on.", f"https://www.example.com{PLACE}")
        return self.texts[url]


def look(site: Pages) -> Look:
    fetch = Fetch(allowed=LOOPBACK, bounds=security_txt.BOUNDS)
    return security_txt.look(site.url, fetch=fetch, now=NOON)


def of(found: Look, kind: str) -> Seen:
    """Return what was seen of a kind."""
    assert found.outcome == Run.Status.COMPLETE, found.why
    [one] = [one for one in found.seen if one.key.partition(":")[0] == kind]
    return one


@for_each("place", [PLACE, FORMER_PLACE])
def test_it_is_found_at_both_places(site: Pages, place: str):
    site.pages.clear()
    site.put(place, GOOD, Content_Type="text/plain; charset=utf-8")
    channel, expires = (of(look(site), kind) for kind in ("channel", "expires"))

    assert channel.value == "mailto:security@example.com, https://example.com/report"
    assert (channel.fact, channel.holds) == ("private_channel", True)
    assert (expires.words[-11:], expires.value, expires.severity) == ("holds until", "2027-01-01", None)


@for_each(
    "text, contact, holds, ends, severity",
    [
        (GOOD.replace("2027", "2025"), "mailto:security@example.com, https://example.com/report", False, "2025-01-01",
         Severity.LOW),
        ("Contact: mailto:a@example.com\n", "mailto:a@example.com", False, "no day, or several", Severity.LOW),
        (f"{GOOD}Expires: 2028-01-01T00:00:00Z\n", "mailto:security@example.com, https://example.com/report", False,
         "no day, or several", Severity.LOW),
        ("Expires: 2027-01-01T00:00:00Z\n", "none", False, "2027-01-01", None),
        ("Contact: http://example.com/\nExpires: 2027-01-01T00:00:00Z\n", "none", False, "2027-01-01", None),
        ("Contact: mailto:a@example.com\nExpires: tomorrow\n", "mailto:a@example.com", False, "no day, or several",
         Severity.LOW),
        ("<!doctype html><p>Not here</p>", "none", False, "no day, or several", Severity.LOW),
        (SIGNED, "https://example.com/a, mailto:security@example.com, https://example.com/report", True, "2027-01-01",
         None),
    ],
    ids=lambda row: row[0][:60],
)  # fmt: skip
def test_what_it_says_holds_only_with_a_contact_and_one_day_to_come(
    site: Pages, text: str, contact: str, holds: bool, ends: str, severity: Severity | None
):
    site.put(PLACE, text)
    found = look(site)

    assert (of(found, "channel").value, of(found, "channel").holds) == (contact, holds)
    assert (of(found, "expires").value, of(found, "expires").severity) == (ends, severity)


@for_each(
    "location, www",
    [
        ("https://www.example.com/.well-known/security.txt", "https://www.example.com"),
        ("https://www.example.com", "https://www.example.com"),
        ("http://www.example.com/.well-known/security.txt", ""),
        ("https://www.example.com.attacker.example/", ""),
        ("https://www.example.com@attacker.example/", ""),
        ("https://www.example.com:8443/", ""),
        ("https://attacker.example/", ""),
        ("https://example.com/elsewhere", ""),
        ("/elsewhere", ""),
        ("", ""),
    ],
)
def test_only_the_same_site_with_www_is_the_same_site(location: str, www: str):
    assert security_txt.www_of("https://example.com", location) == www


def test_a_site_that_moved_to_www_is_followed_there_once():
    domain = Moved({"https://www.example.com/.well-known/security.txt": GOOD})
    assert of(security_txt.look("https://example.com", fetch=domain, now=NOON), "channel").holds is True
    assert domain.texts_asked == [f"https://{host}{PLACE}" for host in ("example.com", "www.example.com")]

    circle = Moved({})
    found = security_txt.look("https://example.com", fetch=circle, now=NOON)
    assert (found.outcome, found.code, len(circle.texts_asked)) == (Run.Status.FAILED, "redirected", 2)


def test_without_one_nothing_is_said_of_the_vendor(site: Pages):
    found = look(site)

    [seen] = found.seen
    assert (seen.value, seen.fact, seen.severity) == ("none", "", None)
    assert [path for path, _headers in site.asked] == [f"GET {PLACE}", f"GET {FORMER_PLACE}"]


@for_each(
    "status, body, code",
    [(302, b"", "redirected"), (500, b"", "declined"), (200, b"x" * 40_000, "too_large"), (200, b"\xff", "unreadable")],
    ids=lambda row: row[2],
)
def test_an_answer_that_is_none_is_not_assessed(site: Pages, status: int, body: bytes, code: str):
    site.put(PLACE, body, status=status, Location="http://127.0.0.1/")
    found = look(site)
    assert (found.outcome, found.code, found.seen) == (Run.Status.FAILED, code, ())
