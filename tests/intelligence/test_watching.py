"""Watch lists: what is noted by hand or by mail, settled, and opened again."""

from datetime import timedelta
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import TestCase

from accounts.access import NotPermitted
from alerts import relay
from alerts.models import Alert
from audit.models import Event
from intelligence import watching
from intelligence.models import WatchEntry
from intelligence.watching import EntryInvalid
from riskregister.refusals import Refused
from riskregister.transitions import IllegalTransition
from tests import cast
from tests.cast import NOON, TODAY, Cast
from vendors.models import Server, Vendor

MAIL = (
    "Message-ID: <1@news.acme.example>\nFrom: Acme Security <security@acme.example>\n"
    "Date: Sun, 01 Mar 2026 10:00:00 +0000\nSubject: Security incident\u202e at Acme\n"
    "Content-Type: text/plain; charset=utf-8\n\n<script>alert(1)</script> See https://status.acme.example/1\n"
).encode()


class Watching(TestCase):
    """A vendor, a server, and who watches."""

    people: Cast
    vendor: Vendor
    server: Server

    @classmethod
    def setUpTestData(cls) -> None:
        cls.people = cast.assemble()
        cls.vendor = cast.a_vendor(cls.people, "Acme", website="https://www.acme.example/")
        cls.server = cast.a_server(cls.people)

    def note(self, subject: Server | Vendor, **how: Any) -> WatchEntry:
        facts: dict[str, Any] = {"kind": "breach_notice", "title": "Breach", "by": self.people.alice, "now": NOON} | how
        return watching.note(subject, **facts)

    def test_an_entry_is_numbered_and_tells_the_owner_until_it_is_settled(self) -> None:
        entry = self.note(self.server, source="Acme", happened_on=TODAY)

        assert (entry.ref, entry.status, entry.unit_id) == ("WE-1", "watched", self.people.payments.pk)
        event = Event.objects.get(verb="watch_entry.noted")
        assert (event.data["kind"], event.data["source"]) == ("breach_notice", "Acme")
        relay.relay(now=NOON)
        assert Alert.objects.filter(event=event).exists()

        watching.settle(entry, outcome="They changed all keys.", by=self.people.alice, now=NOON)
        assert (entry.status, entry.outcome, entry.settled_by) == (
            "settled",
            "They changed all keys.",
            self.people.alice,
        )
        watching.reopen(entry, reason="It goes on.", by=self.people.alice, now=NOON)
        assert (entry.status, entry.settled_at, entry.outcome) == ("watched", None, "They changed all keys.")

    def test_what_its_source_calls_the_same_is_noted_once(self) -> None:
        first = self.note(self.vendor, external_id="A-1")
        again = self.note(self.vendor, external_id="A-1", title="Breach, corrected")

        assert (again.pk, again.title, WatchEntry.objects.count()) == (first.pk, "Breach", 1)
        assert self.note(self.server, external_id="A-1").pk != first.pk

    def test_an_entry_about_a_server_is_its_units_and_one_about_a_vendor_everybodys(self) -> None:
        self.note(self.vendor, title="About the vendor")
        self.note(self.server, title="About the server")

        seen = {name: WatchEntry.objects.visible_to(person).count() for name, person in self.people.everybody.items()}
        assert seen == {"alice": 2, "bob": 2, "mia": 2, "carol": 2, "eve": 1, "ada": 2}

    def test_an_outsider_and_an_auditor_note_nothing_about_a_server(self) -> None:
        for person in (self.people.eve, self.people.carol):
            with self.subTest(person), pytest.raises(NotPermitted):
                self.note(self.server, by=person)

        assert WatchEntry.objects.count() == 0

    def test_what_is_not_right_is_refused_and_nothing_is_written(self) -> None:
        wrong: list[dict[str, Any]] = [
            {"kind": "rumour"}, {"title": " "}, {"title": "a\u202eb"}, {"url": "javascript:alert(1)"}, {"tlp": "blue"},
            {"techniques": ["T1"]}, {"happened_on": TODAY + timedelta(days=1)}, {"text": "x" * 20_001},
        ]  # fmt: skip
        for how in wrong:
            with self.subTest(how), pytest.raises(Refused):
                self.note(self.vendor, **how)

        assert WatchEntry.objects.count() == 0

    def test_an_entry_is_settled_once_and_with_what_came_of_it(self) -> None:
        entry = self.note(self.vendor)
        with pytest.raises(Refused, match="Give a reason"):
            watching.settle(entry, outcome=" ", by=self.people.alice, now=NOON)
        watching.settle(entry, outcome="Nothing of ours.", by=self.people.alice, now=NOON)
        with pytest.raises(IllegalTransition):
            watching.settle(entry, outcome="Again.", by=self.people.alice, now=NOON)

    def test_a_mail_is_noted_about_the_vendor_whose_domain_it_comes_from(self) -> None:
        entry = watching.note_mail(MAIL, by=self.people.alice, now=NOON)

        assert (entry.vendor, entry.kind, entry.via) == (self.vendor, "breach_notice", "mail")
        assert entry.title == "Security incident[U+202E] at Acme"
        assert entry.text == "<script>alert(1)</script> See https://status.acme.example/1"
        assert (entry.source, entry.happened_on) == ("security@acme.example", TODAY - timedelta(days=1))
        assert watching.note_mail(MAIL, by=self.people.alice, now=NOON).pk == entry.pk

    def test_a_mail_is_marked_as_it_says_or_as_somebody_says_who_knows_that_it_is_for_fewer(self) -> None:
        rows = [
            ("", "", ""), ("TLP:CLEAR", "", "clear"), ("tlp: amber+strict", "", "amber+strict"),
            ("TLP:GREEN", "red", "red"), ("TLP-RED", "", "red"), ("TLP:RED", "clear", "red"), ("", "green", "green"),
            ("HTLP:RED", "", ""),
            (f"{'x' * 20_000}\nTLP:AMBER, no TLP:GREEN", "", "amber"),
        ]  # fmt: skip
        for at, (written, marking, tlp) in enumerate(rows):
            raw = MAIL.replace(b"<1@", f"<{at}@".encode()) + written.encode()
            with self.subTest(written[-30:], marking=marking):
                assert watching.note_mail(raw, tlp=marking, by=self.people.alice, now=NOON).tlp == tlp
        raw = MAIL.replace(b"<1@", b"<s@").replace(b"Security incident", b"[TLP:RED] Security incident")
        assert watching.note_mail(raw, by=self.people.alice, now=NOON).tlp == "red"
        with pytest.raises(EntryInvalid, match="Write one of clear"):
            watching.note_mail(MAIL, tlp="blue", by=self.people.alice, now=NOON)

    def test_a_mail_that_does_not_tell_whom_it_is_about_is_refused_unless_somebody_says(self) -> None:
        raw = MAIL.replace(b"acme.example", b"other.example")
        with pytest.raises(EntryInvalid, match="does not tell which vendor"):
            watching.note_mail(raw, by=self.people.alice, now=NOON)

        assert watching.note_mail(raw, subject=self.server, by=self.people.alice, now=NOON).server == self.server

    def test_the_command_notes_each_mail_and_tells_which_it_could_not(self) -> None:
        with TemporaryDirectory() as folder:
            good, bad = Path(folder, "good.eml"), Path(folder, "bad.eml")
            good.write_bytes(MAIL)
            bad.write_bytes(b"no mail")
            out, errors = StringIO(), StringIO()
            with pytest.raises(CommandError, match="1 of 2 messages were not noted"):
                call_command("note_mail", good, bad, stdout=out, stderr=errors)

        assert "good.eml: WE-1 Security incident" in out.getvalue()
        assert "bad.eml: The file is no e-mail" in errors.getvalue()
        assert WatchEntry.objects.get().noted_by is None
