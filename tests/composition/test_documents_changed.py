"""Whatever stands in a document, it is read or refused: nothing else happens, and what is read holds together."""

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

from composition.documents import reading, writing
from composition.listing import Listed
from tests.composition import test_spdx, test_writing
from tests.composition.documents import SERVER, cyclonedx, spdx
from vendors.strict_json import DocumentInvalid

DOCUMENTS = (
    cyclonedx(
        {
            "bom-ref": "a", "version": "1", "purl": "pkg:npm/left-pad@1", "scope": "excluded",
            "hashes": [{"alg": "MD5", "content": "0" * 32}], "licenses": [{"license": {"id": "MIT"}}],
            "properties": [{"name": "x", "value": "y"}], "components": [{"type": "file", "name": "f", "bom-ref": "f"}],
        },
        metadata={"component": SERVER}, compositions=[{"aggregate": "complete"}],
        dependencies=[{"ref": "server", "dependsOn": ["a"]}, {"ref": "a", "dependsOn": ["f"]}],
    ),
    spdx(
        test_spdx.SERVER, test_spdx.LEFT_PAD, hasExtractedLicensingInfos=test_spdx.HOUSE,
        files=[{"SPDXID": "SPDXRef-f"}],
        relationships=[test_spdx.relation("DOCUMENT", "DESCRIBES", "Server"),
                       test_spdx.relation("left-pad", "DEV_DEPENDENCY_OF", "Server")],
    ),
    test_spdx.spdx_3(*test_spdx.IN_3),
)  # fmt: skip
JUNK: tuple[Any, ...] = (
    None, True, 1, 1.5, "", "x", "a", "SPDXRef-Server", "SPDXRef-DOCUMENT", "NONE", "LicenseRef-1", "pkg:npm/a@1",
    "urn:left-pad", "software_Package", "Relationship", "Hash", "ExternalIdentifier", [], ["a"], [1], [[]], [{}], {},
    {"a": 1},
)  # fmt: skip
TIMES = 900


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    for key in value if isinstance(value, dict) else range(len(value) if isinstance(value, list) else 0):
        yield value, key
        yield from places(value[key])


def changed(document: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    document = copy.deepcopy(document)
    for _ in range(chance.choice((1, 1, 2, 3))):
        container, key = chance.choice(list(places(document)))
        how = chance.random()
        if how < 0.2:
            del container[key]
        elif how < 0.8:
            container[key] = copy.deepcopy(chance.choice(JUNK))
        elif isinstance(container, list):
            container.append(copy.deepcopy(container[key]))
    return document


def test_whatever_is_changed_in_a_document_it_is_read_or_refused() -> None:
    chance = random.Random(37)
    read = refused = 0
    for number in range(TIMES):
        document = changed(DOCUMENTS[number % len(DOCUMENTS)], chance)
        try:
            listing = reading.read("bom.json", json.dumps(document).encode())
        except DocumentInvalid as error:
            refused += bool(error.problems)
            continue
        read += 1
        refs = [one.ref for one in listing.components]
        needed = {ref for some in (listing.roots, listing.requires, *listing.requires.values()) for ref in some}
        assert len(set(refs)) == len(refs), document
        assert needed <= set(refs), document
        for _, write in writing.FORMS.values():
            subject = listing.itself or Listed(ref="server", name="crm-server")
            written = json.dumps(write(listing, subject=subject, made=test_writing.MADE)).encode()
            assert len(reading.read("bom.json", written).components) == len(refs), document
    assert read + refused == TIMES
    # Neither all nor none: else the changes would be too rough, or without effect.
    assert TIMES / 5 < read < TIMES * 4 / 5
