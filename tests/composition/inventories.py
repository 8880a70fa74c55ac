"""Inventories to try doors with: a lock file whose release needs express itself, and qs by express."""

import json
from datetime import datetime

from accounts.models import User
from composition.inventories import taking
from composition.listing import Listed, Listing
from composition.models import Inventory
from tests.composition.documents import LOCK
from vendors.models import Release

EXPRESS = Listed(ref="express", name="express", version="4.18.2", ecosystem="npm", purl="pkg:npm/express@4.18.2")
QS = Listed(
    ref="qs", name="qs", version="6.11.0", ecosystem="npm", purl="pkg:npm/qs@6.11.0", licences=("BSD-3-Clause",)
)
OWN = Listed(ref="own", name="our-own-fork")
TESTED = Listed(ref="left", name="left", version="1.0.0", ecosystem="npm", is_development=True)
FILE_NAME = "package-lock.json"
DOCUMENT = json.dumps(LOCK).encode()


def listed(name: str, version: str, *, licences: tuple[str, ...] = ()) -> Listed:
    """Return a package of npm."""
    purl = f"pkg:npm/{name}@{version}"
    return Listed(ref=name, name=name, version=version, ecosystem="npm", purl=purl, licences=licences)


def listing(*parts: Listed) -> Listing:
    """Return a lock file of these parts."""
    return Listing(
        form="a lock file", subject="weather", components=parts, roots=("express",), requires={"express": ("qs",)}
    )


def take(
    release: Release, *parts: Listed, text: bytes = DOCUMENT, scope: str = "", by: User, now: datetime
) -> Inventory:  # fmt: skip
    """Return the inventory that a lock file of these parts (none: of all three) makes."""
    return taking.take(
        release, listing(*(parts or (EXPRESS, QS, OWN))), text, file_name=FILE_NAME, scope=scope, by=by, now=now
    )
