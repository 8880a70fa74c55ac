"""Hostile text in names and titles is text on every page that shows it."""

from html.parser import HTMLParser

import pytest
from django.urls import reverse

from accounts import people
from evidence import records
from riskregister.refusals import Refused
from tests.cast import NOON, Cast, a_server, a_vendor, assemble
from tests.tables import for_each
from tests.web.signed_in import as_
from vendors.registering import relations

HOSTILE = """<i id=hostile>"'><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7 }}"""


class Marks(HTMLParser):
    """Collects what the hostile text would be if a browser took it for marks."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        ran = tag == "script" and not given.get("src")
        led = any(str(given.get(name)).lower().startswith("javascript:") for name in ("href", "src", "action"))
        if ran or led or given.get("id") == "hostile" or any(name.startswith("on") for name in given):
            self.found.append(str(self.get_starttag_text()))


@pytest.fixture
def cast(db: None) -> Cast:
    return assemble()


def test_hostile_text_is_shown_and_never_run(cast: Cast) -> None:
    people.edit(cast.alice, email=cast.alice.email, name=HOSTILE, by=cast.ada, now=NOON)
    vendor = a_vendor(cast, HOSTILE, website='https://example.com/?"><script>alert(1)</script>')
    relations.add_contact(vendor, name=HOSTILE, role=HOSTILE, by=cast.alice, now=NOON)
    server = a_server(cast, title=HOSTILE)
    note = records.add_note(HOSTILE, title=HOSTILE, unit=cast.payments, by=cast.alice, now=NOON)
    pages = [
        reverse("web:home"),
        reverse("web:vendor-list"),
        reverse("web:server-list"),
        reverse("web:account"),
        reverse("web:vendor-detail", args=[vendor.pk]),
        reverse("web:vendor-edit", args=[vendor.pk]),
        reverse("web:vendor-history", args=[vendor.pk]),
        reverse("web:server-detail", args=[server.pk]),
        reverse("web:server-edit", args=[server.pk]),
        reverse("web:evidence-detail", args=[note.pk]),
        reverse("web:search") + "?q=hostile",
        reverse("web:vendor-list") + '?search="><script>alert(1)</script>',
    ]

    shown = 0
    for page in pages:
        answer = as_(cast.alice).get(page)
        assert answer.status_code == 200, page
        marks = Marks()
        marks.feed(answer.content.decode())
        assert marks.found == [], page
        shown += "&lt;script&gt;alert(1)&lt;/script&gt;" in answer.content.decode()
    assert shown >= 10


@for_each(
    "address", ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "data:text/html,x", "//evil"]
)
def test_a_link_leads_to_a_page_and_runs_nothing(cast: Cast, address: str) -> None:
    with pytest.raises(Refused):
        a_vendor(cast, website=address)
    with pytest.raises(Refused):
        records.add_link(address, title="A", issuer="vendor", unit=cast.payments, by=cast.alice, now=NOON)
