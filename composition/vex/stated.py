"""What a VEX document says, as plain data, whatever its form was."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from composition.advisories.osv_fields import RecordInvalid
from composition.packages import purls

MOST_STATEMENTS = 5_000
MOST_NAMES = 50
LONGEST_NAME = 100
LONGEST_TEXT = 10_000
WITHOUT_GROUNDS = (
    "It says that something is not affected, and not why: that takes a justification or a statement of the impact."
)


class Status(StrEnum):
    """What is said of a vulnerability in a package: the four words that all forms of VEX share."""

    NOT_AFFECTED = "not_affected"
    AFFECTED = "affected"
    FIXED = "fixed"
    UNDER_INVESTIGATION = "under_investigation"


class Justification(StrEnum):
    """Why something is not affected: the five words of CISA, which OpenVEX and CSAF have. CycloneDX has others."""

    COMPONENT_NOT_PRESENT = "component_not_present"
    CODE_NOT_PRESENT = "vulnerable_code_not_present"
    CODE_NOT_IN_EXECUTE_PATH = "vulnerable_code_not_in_execute_path"
    NOT_CONTROLLED_BY_ADVERSARY = "vulnerable_code_cannot_be_controlled_by_adversary"
    MITIGATED = "inline_mitigations_already_exist"


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """What a statement is about. `version` is empty where it speaks of all; `purl` is canonical, with the version.

    `ecosystem` and `name` are as OSV has them, the ecosystem empty for what it does not know (a container image).
    `within` is the product in whose parts it is, as the document names it, a package URL in its one form; empty where
    the package itself is the product.
    """

    ecosystem: str
    name: str
    version: str = ""
    purl: str
    within: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """One statement: `names` are those of the vulnerability, the one that it goes by first.

    `impact` says in words why it is not affected, `action` what to do where it is, `notes` the rest.
    """

    place: str
    names: tuple[str, ...]
    packages: tuple[Package, ...]
    status: Status
    justification: Justification | None = None
    impact: str = ""
    action: str = ""
    notes: str = ""
    stated_at: datetime | None = None
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """A statement that cannot be used: where it stands, of which vulnerability it speaks if that is known, and why."""

    place: str
    name: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document that was read whole: each of its statements is in `statements` or in `rejected`.

    `name` is what it is called by its author, the same for all its versions. `remarks` are what a reader should know.
    """

    form: str
    name: str
    author: str
    version: str = ""
    issued_at: datetime | None = None
    changed_at: datetime | None = None
    statements: tuple[Stated, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    remarks: tuple[str, ...] = ()


def package(purl: str, at: str, *, within: str = "") -> Package:
    """Return the package that a package URL names. Raises RecordInvalid."""
    try:
        read = purls.read(purl)
        found = purls.ecosystem_of(read)
    except purls.PurlInvalid as error:
        raise RecordInvalid(f"{at}: {error}") from error
    return Package(
        ecosystem=found.ecosystem,
        name=found.name,
        version=found.version,
        purl=purls.write(read),
        within=as_named(within),
    )


def as_named(product: str) -> str:
    """Return how a product is named: a package URL in its one form, anything else as it is."""
    try:
        return purls.canonical(product) if product.startswith("pkg:") else product[: purls.LONGEST]
    except purls.PurlInvalid:
        return product[: purls.LONGEST]


def checked(statement: Stated) -> Stated:
    """Return a statement that says what it must. Raises RecordInvalid."""
    if not statement.packages:
        raise RecordInvalid(f"{statement.place}: It names no product by a package URL. {purls.EXAMPLE}")
    if statement.status is Status.NOT_AFFECTED and not (statement.justification or statement.impact.strip()):
        raise RecordInvalid(f"{statement.place}: {WITHOUT_GROUNDS}")
    return statement


def names(given: Iterable[object], at: str) -> tuple[str, ...]:
    """Return the names of a vulnerability, each once. Raises RecordInvalid."""
    found = dict.fromkeys(_name(one, at) for one in given)
    if not found or len(found) > MOST_NAMES:
        raise RecordInvalid(f"{at}: A vulnerability has 1 to {MOST_NAMES} names; this one has {len(found)}.")
    return tuple(found)


def _name(value: object, at: str) -> str:
    text = value.strip() if isinstance(value, str) else ""
    if not 0 < len(text) <= LONGEST_NAME or not text.isprintable():
        raise RecordInvalid(
            f"{at}: {ascii(value)[:80]} names no vulnerability. Write its name, as in CVE-2026-1234, at most"
            f" {LONGEST_NAME} characters."
        )
    return text
