"""Steps about vendors and how they hang together: parents, sub-processors and contacts."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts.access import Capability
from accounts.principals import Principal
from accounts.steps import Done, Unchanged, step
from riskregister import lookalikes, nouns, versions
from riskregister.lookalikes import LOOK_LIMIT
from riskregister.refusals import Conflict, Refused
from vendors import fields, following
from vendors.models import Contact, Criticality, Kind, Server, SubProcessor, Vendor, VendorKind
from vendors.naming.countries import CODES


class CycleFound(Refused):
    """The vendor would come to stand above, or behind, itself."""


def _country(value: Any, field: str) -> str:
    code = str(value or "").strip().upper()
    if code and code not in CODES:
        raise Refused("Give the ISO 3166 code of two letters, e.g. GB.", field=field)
    return code


def _email(value: Any, field: str) -> str:
    address = str(fields.word(254)(value, field))
    try:
        if address:
            validate_email(address)
    except ValidationError as error:
        raise Refused("Give an e-mail address such as name@example.com.", field=field) from error
    return address


VENDOR_FIELDS: dict[str, fields.Cleaner] = {
    "name": fields.name(160),
    "legal_entity": fields.word(200),
    "website": fields.url(300),
    "country": _country,
    "relationship_owner": fields.person,
    "criticality": fields.one_of_or_empty(Criticality),
    "parent": fields.as_is,
    "notes": fields.text,
    "is_commercial": fields.truth,
}
CONTACT_FIELDS: dict[str, fields.Cleaner] = {
    "name": fields.name(120),
    "role": fields.word(120),
    "email": _email,
    "phone": fields.word(40),
}


def _taken(vendor: Vendor) -> Conflict:
    return Conflict(f"{vendor.name} is registered already. Open that vendor instead.", field="name")


@step("vendor.registered", needs=Capability.WRITE, makes=Vendor)
def register_vendor(
    *, name: str, kinds: Iterable[str], by: Principal, now: datetime, is_demo: bool = False, **facts: Any
) -> Done[Vendor]:
    """Return a new prospective vendor; `facts` are fields of VENDOR_FIELDS.

    Raises Refused for a bad value, Conflict when a vendor of this name, whatever its case, is registered already.
    """
    wanted = _kinds(kinds)
    vendor = Vendor(created_at=now, is_demo=is_demo, **fields.clean({"name": name} | facts, VENDOR_FIELDS))
    _refuse_taken_name(vendor)
    vendor.look = lookalikes.skeleton(vendor.name)[:LOOK_LIMIT]
    fields.save_once(vendor, otherwise=_taken(vendor))
    for kind in wanted:
        VendorKind(vendor=vendor, kind=kind).save()
    return Done(vendor, kinds=wanted)


def _edited(vendor: Vendor) -> dict[str, Any]:
    return {**versions.facts(*VENDOR_FIELDS)(vendor), "kinds": sorted(row.kind for row in vendor.kinds.all())}


@step("vendor.edited", needs=Capability.WRITE, taken=_taken, edits=_edited)
def edit_vendor(vendor: Vendor, *, changes: Mapping[str, Any], by: Principal, now: datetime) -> Done[Vendor]:
    """Return the vendor with changed fields of VENDOR_FIELDS, or other `kinds`; records nothing when none differs.

    What its servers are asked follows at once, in jobs. Raises Refused for a bad value, CycleFound for a parent that
    stands below it, Conflict for a name that is taken.
    """
    cleaned = fields.clean({key: value for key, value in changes.items() if key != "kinds"}, VENDOR_FIELDS)
    changed = fields.differing(vendor, cleaned)
    if "parent" in changed:
        _refuse_parent_cycle(vendor, changed["parent"])
    if "name" in changed:
        _refuse_taken_name(Vendor(pk=vendor.pk, name=changed["name"]))
    touched = list(changed)
    if "kinds" in changes and _set_kinds(vendor, changes["kinds"]):
        touched.append("kinds")
        following.vendor_changed_later(vendor, reason="What it supplies changed.", now=now)
    if "name" in changed:
        changed["look"] = lookalikes.skeleton(changed["name"])[:LOOK_LIMIT]
    fields.put_on(vendor, changed)
    if "is_commercial" in changed:
        following.changed_later(
            Server.objects.published_by(vendor), reason="What is known of its vendor changed.", now=now
        )
    return Done(vendor, fields=sorted(touched)) if touched else Unchanged(vendor)


@step("vendor.contact_added", needs=Capability.WRITE)
def add_contact(vendor: Vendor, *, name: str, by: Principal, now: datetime, **facts: Any) -> Done[Contact]:
    """Return a new contact at the vendor; `facts` are role, email and phone.

    Raises Refused for a bad value, Conflict when the same person is a contact already, as after a form sent twice: the
    second waits for the first, which holds the vendor.
    """
    contact = Contact(vendor=vendor, **fields.clean({"name": name} | facts, CONTACT_FIELDS))
    if Contact.objects.filter(vendor=vendor, name__iexact=contact.name, email__iexact=contact.email).exists():
        raise Conflict(f"{contact.name} is a contact of {vendor.name} already.", field="name")
    contact.save()
    return Done(contact, contact=contact.name)


@step("vendor.contact_removed", needs=Capability.WRITE, on="vendor")
def remove_contact(contact: Contact, *, by: Principal, now: datetime) -> Done[None]:
    """Remove a contact: personal details are not kept longer than they are of use. Raises Conflict when it is gone."""
    if not contact.delete()[0]:
        raise Conflict("Somebody else has removed this contact.")
    return Done(None, contact=contact.name)


@step("vendor.sub_processor_added", needs=Capability.WRITE)
def add_sub_processor(
    vendor: Vendor, used: Vendor, *, purpose: str, by: Principal, now: datetime
) -> Done[SubProcessor]:
    """Return the record that `vendor` uses the services of `used` to serve us.

    Raises CycleFound when `used` itself depends on `vendor`, at any depth; Conflict when it is recorded already.
    """
    _hold_relations()
    if vendor.pk == used.pk or vendor.pk in _behind(used.pk):
        raise CycleFound(f"{used} itself uses {vendor}. Remove that first.", field="used")
    row = SubProcessor(vendor=vendor, used=used, purpose=fields.name(200)(purpose, "purpose"))
    fields.save_once(row, otherwise=Conflict(f"{used} is recorded as a sub-processor already.", field="used"))
    return Done(row, used=str(used), purpose=row.purpose)


@step("vendor.sub_processor_removed", needs=Capability.WRITE, on="vendor")
def remove_sub_processor(row: SubProcessor, *, by: Principal, now: datetime) -> Done[None]:
    """Remove the record that a vendor uses another. Raises Conflict when it is gone."""
    used = str(row.used)
    if not row.delete()[0]:
        raise Conflict("Somebody else has removed this sub-processor.")
    return Done(None, used=used)


def _kinds(kinds: Iterable[str]) -> list[str]:
    wanted = sorted(set(kinds))
    if not wanted or any(kind not in Kind.values for kind in wanted):
        raise Refused(f"Choose one or more of: {', '.join(Kind.values)}.", field="kinds")
    return wanted


def _set_kinds(vendor: Vendor, kinds: Iterable[str]) -> bool:
    wanted, had = set(_kinds(kinds)), {row.kind: row for row in vendor.kinds.all()}
    for kind in had.keys() - wanted:
        had[kind].delete()
    for kind in sorted(wanted - had.keys()):
        fields.save_once(VendorKind(vendor=vendor, kind=kind), otherwise=Conflict(fields.AT_ONCE, field="kinds"))
    return wanted != had.keys()


def _refuse_taken_name(vendor: Vendor) -> None:
    if Vendor.objects.filter(name__reads=vendor.name).exclude(pk=vendor.pk).exists():
        raise _taken(vendor)


def _refuse_parent_cycle(vendor: Vendor, parent: Vendor | None) -> None:
    _hold_relations()
    above, seen = parent.pk if parent else None, set[UUID]()
    while above is not None and above not in seen:
        if above == vendor.pk:
            raise CycleFound(f"{parent} already belongs to {vendor}.", field="parent")
        seen.add(above)
        above = Vendor.objects.values_list("parent_id", flat=True).get(pk=above)


def _behind(vendor_id: UUID) -> Collection[UUID]:
    """Return all vendors that this one uses, directly or through others: one query for each depth."""
    found: set[UUID] = set()
    layer = {vendor_id}
    while layer:
        used = SubProcessor.objects.filter(vendor__in=layer).values_list("used_id", flat=True)
        layer = set(used) - found
        found |= layer
    return found


def _hold_relations() -> None:
    # Two people could each add one half of a cycle, and neither would see the other's. Whoever changes how vendors
    # hang together waits for the other at the first vendor; SQLite has one writer at a time anyway.
    nouns.hold_all(Vendor.objects.filter(pk__in=Vendor.objects.order_by("created_at", "pk").values("pk")[:1]))
