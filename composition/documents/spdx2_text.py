"""Shapes SPDX 2 written as tag-value or YAML as its JSON, as far as that is read."""

import re
from collections.abc import Iterator
from typing import Any

from composition.documents.opening import refuse
from riskregister.limits import MIB
from vendors.lockfiles import plain_yaml

_TAG = re.compile(r"\s*([A-Za-z]+):\s*(.*)", re.DOTALL)
_OPENED, _CLOSED = "<text>", "</text>"
# A reader in Python takes half a second for each; JSON of any size is written by the same tools.
MAX_YAML_BYTES = 8 * MIB
# Each may become a relationship, of 400 bytes.
_MAX_LINES = 1_000_000
# What begins an element, in which list it stands, and what this tag says of it.
_BEGINS = {
    "PackageName": ("packages", "name"),
    "FileName": ("files", "fileName"),
    "SnippetSPDXID": ("snippets", "SPDXID"),
    "LicenseID": ("hasExtractedLicensingInfos", "licenseId"),
}
_OF_DOCUMENT = {"SPDXVersion": "spdxVersion", "DataLicense": "dataLicense", "DocumentName": "name"}
_OF_DOCUMENT |= {"DocumentNamespace": "documentNamespace"}
_OF_PACKAGE = {
    "PackageVersion": "versionInfo",
    "PackageDownloadLocation": "downloadLocation",
    "PackageLicenseDeclared": "licenseDeclared",
    "PackageLicenseConcluded": "licenseConcluded",
    "PrimaryPackagePurpose": "primaryPackagePurpose",
}
_OF_LICENCE = {"ExtractedText": "extractedText", "LicenseName": "name"}


def from_yaml(text: str) -> Any:
    """Return a document that was written as YAML: all its scalars are texts. Raises DocumentInvalid."""
    if len(text) > MAX_YAML_BYTES:
        refuse("", f"The file has more than {MAX_YAML_BYTES // MIB} MiB of YAML. Give the same document as JSON.")
    documents = plain_yaml.documents(text)
    if len(documents) != 1 or not isinstance(documents[0], dict):
        refuse("", "The file is no one document of SPDX in YAML. Give one.")
    return documents[0]


def from_tag_value(text: str) -> dict[str, Any]:
    """Return a document that was written as tags with values. Raises InventoryInvalid, with the line."""
    if text.count("\n") > _MAX_LINES:
        refuse("", f"The file has more than {_MAX_LINES:,} lines. Split it by what it describes.")
    document: dict[str, Any] = {"creationInfo": {"creators": []}, "relationships": []}
    element: dict[str, Any] = document
    for line, tag, value in _tags(text):
        if tag in _BEGINS:
            list_of, field = _BEGINS[tag]
            element = {field: value}
            document.setdefault(list_of, []).append(element)
        else:
            _note(document, element, line, tag, value)
    return document


def _note(document: dict[str, Any], element: dict[str, Any], line: int, tag: str, value: str) -> None:
    if tag == "SPDXID":
        element["SPDXID"] = value
    elif tag in _OF_DOCUMENT:
        document[_OF_DOCUMENT[tag]] = value
    elif tag == "Created":
        document["creationInfo"]["created"] = value
    elif tag == "Creator":
        document["creationInfo"]["creators"].append(value)
    elif tag == "Relationship":
        document["relationships"].append(_relationship(line, value))
    elif tag in _OF_LICENCE:
        element[_OF_LICENCE[tag]] = value
    elif tag.startswith("Package") or tag in {"ExternalRef", "PrimaryPackagePurpose"}:
        _note_of_package({} if element is document else element, line, tag, value)


def _note_of_package(package: dict[str, Any], line: int, tag: str, value: str) -> None:
    if "name" not in package:
        refuse(f"line {line}", f"{tag} stands before the PackageName that it is of. Put it behind.")
    if tag in _OF_PACKAGE:
        package[_OF_PACKAGE[tag]] = value
    elif tag == "PackageChecksum":
        algorithm, _, digest = value.partition(":")
        package.setdefault("checksums", []).append({"algorithm": algorithm.strip(), "checksumValue": digest.strip()})
    elif tag == "ExternalRef":
        parts = value.split(None, 2)
        if len(parts) != 3:
            refuse(f"line {line}", "Write the category, the type and the locator of an ExternalRef.")
        names = ("referenceCategory", "referenceType", "referenceLocator")
        package.setdefault("externalRefs", []).append(dict(zip(names, parts, strict=True)))


def _relationship(line: int, value: str) -> dict[str, str]:
    parts = value.split()
    if len(parts) != 3:
        refuse(f"line {line}", "Write an element, the kind of relationship and the other element.")
    return dict(zip(("spdxElementId", "relationshipType", "relatedSpdxElement"), parts, strict=True))


def _tags(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield the line, the tag and the value of each, what stands between <text> and </text> as one."""
    lines = enumerate(text.replace("\r\n", "\n").split("\n"), start=1)
    for number, first in lines:
        if not first.strip() or first.lstrip().startswith("#"):
            continue
        found = _TAG.fullmatch(first)
        if found is None:
            refuse(
                f"line {number}",
                "This is no tag with a value. Write Tag: value; several lines in <text>.",
            )
        tag, value = found[1], found[2]
        if _OPENED in value:
            written = [value]
            while _CLOSED not in written[-1]:
                following = next(lines, None)
                if following is None:
                    refuse(f"line {number}", "The <text> that begins here has no end. Close it by </text>.")
                written.append(following[1])
            value = "\n".join(written).partition(_OPENED)[2].partition(_CLOSED)[0]
        yield number, tag, value.strip()
