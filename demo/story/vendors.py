"""The vendors of the example: real organisations with what is public about them, and made-up relationships."""

from typing import Any

from accounts.models import User
from demo import sheets
from demo.diary import Diary
from demo.organisation import Organisation
from vendors import lifecycle
from vendors.models import Vendor
from vendors.registering import relations

REASON = "Example decision for the demonstration."
GITHUB = {"name": "GitHub", "legal_entity": "GitHub, Inc.", "website": "https://github.com", "country": "US"}
MODELS = {
    "name": "Anthropic", "legal_entity": "Anthropic, PBC", "website": "https://www.anthropic.com", "country": "US",
}  # fmt: skip
CLOUD = {
    "name": "Hetzner", "legal_entity": "Hetzner Online GmbH", "website": "https://www.hetzner.com", "country": "DE",
}  # fmt: skip
# Vendor, whose services it uses, and what for: as the vendors themselves state in public.
BEHIND = (
    ("Model Context Protocol", "GitHub", "Hosting of source code and releases"),
    ("MongoDB", "Amazon Web Services", "Cloud infrastructure of Atlas"),
    ("MongoDB", "Microsoft", "Cloud infrastructure of Atlas"),
    ("Elastic", "Microsoft", "Cloud infrastructure of Elastic Cloud"),
    ("Notion", "Amazon Web Services", "Cloud infrastructure"),
)


def known(diary: Diary, organisation: Organisation, facts: dict[str, Any], *, by: User) -> Vendor:
    """Return the vendor, registered now unless it is known."""
    found = Vendor.objects.filter(name=facts["name"]).first()
    if found is not None:
        return found
    sheet = sheets.vendor(facts["name"])
    owner = organisation.person(sheet.pop("relationship_owner"))
    return diary.do(by, relations.register_vendor, is_demo=True, relationship_owner=owner, **facts, **sheet)


def activate(diary: Diary, name: str, *, by: User) -> None:
    """Say that the relationship with a vendor has begun."""
    vendor = Vendor.objects.get(name=name)
    if vendor.status == Vendor.Status.PROSPECTIVE:
        diary.do(by, lifecycle.activate, vendor, reason=REASON)


def offboard(diary: Diary, name: str, *, by: User) -> None:
    """Say that the relationship with a vendor is being ended."""
    diary.do(by, lifecycle.start_offboarding, Vendor.objects.get(name=name), reason=REASON)


def meet(diary: Diary, organisation: Organisation) -> None:
    """Register whose models the agents of the example work with, and where its gateway runs."""
    tomas = organisation.person("tomas")
    for facts in (MODELS, CLOUD):
        known(diary, organisation, facts, by=tomas)
        activate(diary, facts["name"], by=tomas)


def relate(diary: Diary, organisation: Organisation) -> None:
    """Record who stands behind whom, and whom to ask at a vendor."""
    lena = organisation.person("lena")
    github = known(diary, organisation, GITHUB, by=lena)
    diary.do(lena, relations.edit_vendor, github, changes={"parent": Vendor.objects.get(name="Microsoft")})
    for name, used, purpose in BEHIND:
        pair = Vendor.objects.get(name=name), Vendor.objects.get(name=used)
        diary.do(lena, relations.add_sub_processor, *pair, purpose=purpose)
    for name in ("Stripe", "MongoDB", "Microsoft"):
        vendor = Vendor.objects.get(name=name)
        diary.do(lena, relations.add_contact, vendor, name="Security team", role="Takes reports of vulnerabilities")
