"""What shows of the vendors of the example that they can be relied on; certificates and findings are made up."""

from datetime import timedelta
from typing import Any

from accounts.models import User
from assurance import certificates, rounds
from assurance.models import Certificate, DueDiligence
from demo.diary import Diary
from demo.organisation import Organisation
from evidence import records
from vendors.models import Vendor

EXAMPLE = "Example for the demonstration; the real document says something else."
_OF: dict[str, Any] = {"scope": EXAMPLE, "body": "Example auditor"}
# What is left open in the round that nobody has completed yet.
_LEFT = 4


def tell(diary: Diary, organisation: Organisation) -> None:
    """Let five vendors have certificates, of which one ran out and one soon does; three were looked at in rounds."""
    lena, priya, tomas = (organisation.person(name) for name in ("lena", "priya", "tomas"))

    def certificate(name: str, kind: str, by: User = lena, **facts: Any) -> Certificate:
        vendor = Vendor.objects.get(name=name)
        details: dict[str, Any] = {**_OF, "legal_entity": vendor.legal_entity or vendor.name, **facts}
        text = f"{Certificate.Kind(kind).label}: {EXAMPLE}"
        issuer = "vendor" if kind == Certificate.Kind.BRIDGE_LETTER else "independent"
        paper = diary.do(by, records.prepare_note, text, title=Certificate.Kind(kind).label, issuer=issuer)
        made: Certificate = diary.do(by, certificates.record, vendor, kind=kind, evidence=paper, **details)
        return made

    def attest() -> None:
        certificate("Stripe", "pci_aoc", issued_on=diary.today - timedelta(days=260), role="Service provider")
        certificate(
            "Stripe", "soc2_type_2", period_from=diary.today - timedelta(days=500),
            period_to=diary.today - timedelta(days=136), opinion="unqualified", exceptions=2,
            categories=["security", "availability"], subservice="carve_out",
        )  # fmt: skip
        certificate(
            "Microsoft", "iso_27001", issued_on=diary.today - timedelta(days=400),
            ends_on=diary.today + timedelta(days=690), next_surveillance=diary.today + timedelta(days=200),
        )  # fmt: skip

    def bridge() -> None:
        report = certificate("Notion", "soc2_type_1", period_to=diary.today - timedelta(days=40))
        certificate("Notion", "bridge_letter", bridges=report, body="")

    def attest_others() -> None:
        certificate(
            "Anthropic", "iso_42001", tomas, issued_on=diary.today - timedelta(days=1000),
            ends_on=diary.until.date() + timedelta(days=24),
        )  # fmt: skip
        certificate(
            "Anthropic", "soc2_type_2", tomas, period_from=diary.today - timedelta(days=400),
            period_to=diary.today - timedelta(days=40), opinion="unqualified", exceptions=0,
            categories=["security", "confidentiality"], subservice="carve_out",
        )  # fmt: skip
        certificate(
            "Hetzner", "iso_27001", tomas, issued_on=diary.today - timedelta(days=300),
            ends_on=diary.today + timedelta(days=790), next_surveillance=diary.today + timedelta(days=100),
        )  # fmt: skip

    def look(name: str, *, left: int, by: User = lena) -> None:
        made = diary.do(by, rounds.start, Vendor.objects.get(name=name))
        items = list(made.items.all())
        for item in items[: len(items) - left]:
            wrong = item.key == "subcontractors"
            outcome = "unsatisfactory" if wrong else "satisfactory"
            note = f"Two hosts are not named. {EXAMPLE}" if wrong else ""
            diary.do(by, rounds.record, item, outcome=outcome, looked_on=diary.today, note=note)

    def conclude(name: str) -> None:
        made = DueDiligence.objects.get(vendor__name=name)
        diary.do(priya, rounds.complete, made, conclusion=f"It can be relied on. {EXAMPLE}")

    diary.on(112, attest)
    diary.on(100, lambda: look("Microsoft", left=0))
    diary.on(95, lambda: conclude("Microsoft"))
    diary.on(62, attest_others)
    diary.on(61, lambda: look("Anthropic", left=0, by=tomas))
    diary.on(60, lambda: conclude("Anthropic"))
    diary.on(7, bridge)
    diary.on(9, lambda: look("Stripe", left=_LEFT))
