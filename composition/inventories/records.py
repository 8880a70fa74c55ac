"""Inventories on record, as what they list: to be compared with each other, and to be written in other forms."""

from typing import Any
from uuid import uuid5

from django.conf import settings

from composition.documents import reading, writing
from composition.documents.made import Made
from composition.listing import Listed, Listing
from composition.models import Inventory
from evidence import store
from riskregister.refusals import Refused
from vendors.naming import integrity
from vendors.strict_json import DocumentInvalid

TOOL = "mcp-vendor-risk-register"


class NotReadable(Refused):
    """The document was read once and cannot be any more, by stricter rules: it can be had as it came alone."""


def listing_of(inventory: Inventory) -> Listing:
    """Return what an inventory lists, of which it is not told here what needs what."""
    rows = inventory.components.select_related("package_version")
    components = (
        Listed(
            ref=row.ref,
            name=row.package_version.name,
            version=row.package_version.version,
            purl=row.package_version.purl,
            ecosystem=row.package_version.ecosystem,
            licences=tuple(row.licences),
            digests=integrity.readable(" ".join(row.digests)),
            is_development=row.is_development,
        )
        for row in rows
    )
    return Listing(form=inventory.form, subject=inventory.subject, components=tuple(components))


def written(inventory: Inventory, *, form: str) -> tuple[str, dict[str, Any]]:
    """Return the name of a file and the document in one of the forms of `writing.FORMS`, read anew from what came.

    It is the same each time, with the same number: it says nothing that the inventory did not say when it was taken.
    Raises KeyError for another form, NotReadable, and what `store.open_blob` raises.
    """
    ending, write = writing.FORMS[form]
    with store.open_blob(inventory.document) as file:
        listing = _read(inventory.file_name, file.read())
    made = Made(at=inventory.taken_at, tool=TOOL, tool_version=settings.VERSION, number=uuid5(inventory.pk, form))
    return f"{inventory.ref}.{ending}", write(listing, subject=listing.itself or _subject(inventory), made=made)


def before(inventory: Inventory) -> Inventory | None:
    """Return the inventory whose place this one took, None for the first of its part."""
    return Inventory.objects.filter(superseded_by=inventory).select_related("release").order_by("-ended_at").first()


def _read(name: str, document: bytes) -> Listing:
    try:
        return reading.read(name, document)
    except DocumentInvalid as error:
        raise NotReadable(
            f"The document is not read any more, since the rules are stricter now: {error.problems[0]} "
            "Download it as it came."
        ) from error


def _subject(inventory: Inventory) -> Listed:
    name, version = inventory.server.name, inventory.release.version
    return Listed(ref=f"{name}@{version}", name=name, version=version, kind="application")
