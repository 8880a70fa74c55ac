"""What is exported keeps to the published schemas, and reads back as what was said."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from jsonschema_rs import Draft202012Validator

from composition.documents import validation
from composition.documents.made import Made
from composition.models import Hit
from composition.statements import exporting
from composition.statements import taking as statements
from composition.vex import reading, stated, writing
from composition.vex.stated import Document, Justification, Stated, Status
from findings import register
from scoring.scales import Severity
from tests.cast import NOON, TODAY
from tests.composition import shared
from tests.composition.advisories import publish
from tests.composition.inventories import EXPRESS, QS
from tests.composition.test_statements import CVE, DAY, GHSA, OWN, Stating
from tests.tables import for_each

PRODUCT = "pkg:npm/%40weather/server@2.0.0"
AT = datetime(2026, 3, 1, 9, 30, 5, 123456, tzinfo=UTC)
MADE = Made(at=AT, tool="register", tool_version="0.1.0", number=UUID(int=7))
PACKAGES = tuple(
    stated.package(purl, "here", within=PRODUCT)
    for purl in ("pkg:npm/qs@6.11.0", "pkg:deb/debian/libc6@2.36-9?distro=debian-12&upstream=glibc", "pkg:npm/%40a/b")
)


def say(status: Status, **more: Any) -> Stated:
    facts: dict[str, Any] = {"place": "", "names": (CVE, GHSA), "packages": PACKAGES, "stated_at": AT}
    return Stated(status=status, **facts | more)


STATEMENTS = (
    *(say(Status.NOT_AFFECTED, justification=one, impact=f"It is {one}.") for one in Justification),
    say(Status.NOT_AFFECTED, justification=Justification.MITIGATED, changed_at=AT),
    say(Status.NOT_AFFECTED, impact="Nothing reaches it."),
    say(Status.AFFECTED, action="Take 6.11.1.", notes="Reached by the parser."),
    say(Status.FIXED, names=("GO-2024-1",)),
    say(Status.UNDER_INVESTIGATION, notes="It is looked at.", packages=(stated.package(PRODUCT, "here"),)),
)
DOCUMENT = Document(form="", name="urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79", author="Weather Works", version="3",
                    statements=STATEMENTS)  # fmt: skip


def written(form: str) -> dict[str, Any]:
    _suffix, write = writing.FORMS[form]
    return write(DOCUMENT, product=PRODUCT, made=MADE)


@for_each("form", writing.FORMS)
def test_what_is_written_reads_back_equal(form: str) -> None:
    back = reading.read(json.dumps(written(form)).encode())
    assert [replace(one, place="") for one in back.statements] == list(STATEMENTS)
    assert (back.name, back.author, back.version, back.issued_at, back.rejected, back.remarks) == (
        DOCUMENT.name, "Weather Works", "3", AT, (), (),
    )  # fmt: skip


def test_cyclonedx_keeps_to_its_published_schema() -> None:
    validation.check_cyclonedx_json(written("cyclonedx"), version="1.6")


@shared.needs("openvex")
def test_openvex_keeps_to_its_published_schema() -> None:
    schema = json.loads((shared.ROOT / "openvex/openvex_json_schema.json").read_text())
    errors = Draft202012Validator(schema, validate_formats=True).iter_errors(written("openvex"))
    assert [str(one) for one in errors] == []


class ATriage(Stating):
    """What is decided of what hits a server is what a reader of the document gets."""

    def test_each_decision_is_told_in_its_words(self) -> None:
        publish("GHSA-rv95-896h-c2vc", "express", severity=Severity.LOW)
        self.seen(QS, EXPRESS)
        self.state_of(GHSA)
        self.accept()
        document = exporting.of_server(self.server, product=OWN, author="Us", now=NOON)
        [qs, express] = document.statements
        assert (qs.names, qs.status, qs.impact) == (
            (CVE, GHSA), "not_affected", "The server never parses queries. Seen in the code.",
        )  # fmt: skip
        assert (express.status, express.action) == (
            "affected",
            "Ask the vendor for a release with express 6.11.1 or later, and take in its inventory.",
        )
        assert [one.purl for one in express.packages] == ["pkg:npm/express@4.18.2"]
        assert {one.within for one in qs.packages} == {OWN}

    def state_of(self, name: str) -> None:
        hit = Hit.objects.get(vulnerability__identifiers__name=name)
        statements.state(
            hit, says="not_affected", reason="The server never parses queries.", until=TODAY + 90 * DAY,
            justification="vulnerable_code_not_in_execute_path", by=self.cast.alice, now=NOON,
        )  # fmt: skip

    def test_what_was_dismissed_by_hand_is_not_affected_with_its_reason(self) -> None:
        self.seen()
        register.dismiss(self.finding(), reason="It is a test server.", by=self.cast.bob, now=NOON)
        [one] = exporting.of_server(self.server, product=OWN, author="Us", now=NOON).statements
        assert (one.status, one.justification, one.impact) == ("not_affected", None, "It is a test server.")

    def test_of_nothing_there_is_no_document(self) -> None:
        with self.assertRaisesMessage(exporting.NothingToSay, "Nothing is known to hit this server"):
            exporting.written(self.server, form="openvex", author="Us", now=NOON)

    def test_a_server_is_named_as_it_is_distributed(self) -> None:
        assert exporting.product_of(self.server) == OWN
