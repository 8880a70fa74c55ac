"""What a certificate of each kind says: which facts it has, which it must have, and how they are cleaned."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from assurance.models import CONDITIONS, Certificate
from riskregister.refusals import Refused
from vendors import fields

K = Certificate.Kind
MOST = 100_000


class CertificateInvalid(Refused):
    """The certificate cannot be recorded like this."""


def _categories(value: Any, field: str) -> list[str]:
    known = list(Certificate.Category.values)
    if not isinstance(value, list | tuple) or any(one not in known for one in value):
        raise CertificateInvalid(f"Choose among: {', '.join(known)}.", field=field)
    return [one for one in known if one in value]


_COUNT = fields.whole(0, MOST, of="a number")
CLEANERS: Mapping[str, fields.Cleaner] = MappingProxyType(
    {
        "legal_entity": fields.name(200),
        "scope": fields.text,
        "issued_on": fields.day,
        "period_from": fields.day,
        "period_to": fields.day,
        "ends_on": fields.day,
        "body": fields.word(200),
        "accreditation": fields.word(200),
        "certificate_number": fields.word(100),
        "opinion": fields.one_of_or_empty(Certificate.Opinion),
        "exceptions": _COUNT,
        "categories": _categories,
        "subservice": fields.one_of_or_empty(Certificate.Subservice),
        "user_controls": fields.text,
        "soa_version": fields.word(100),
        "sites": fields.text,
        "next_surveillance": fields.day,
        "surveillance_note": fields.text,
        "role": fields.word(100),
        "level": fields.word(40),
        "caiq_version": fields.word(40),
        "open_critical": _COUNT,
        "open_high": _COUNT,
        "open_medium": _COUNT,
        "open_low": _COUNT,
        "retested_on": fields.day,
    }
)
_ALL = ("legal_entity", "scope", "issued_on", "body", "accreditation")
_SOC2 = ("opinion", "exceptions", "categories", "subservice", "user_controls")
_ISO = ("ends_on", "certificate_number", "soa_version", "sites", "next_surveillance", "surveillance_note")
_TEST = ("open_critical", "open_high", "open_medium", "open_low", "retested_on")
# The facts that each kind has, in the order in which a form asks for them.
OF_KIND: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        K.SOC2_TYPE_1: (*_ALL, "period_to", *_SOC2),
        K.SOC2_TYPE_2: (*_ALL, "period_from", "period_to", *_SOC2),
        K.BRIDGE_LETTER: ("legal_entity", "scope", "issued_on", "period_to"),
        K.ISO_27001: (*_ALL, *_ISO),
        K.ISO_42001: (*_ALL, *_ISO),
        K.PCI_AOC: (*_ALL, "ends_on", "role", "level"),
        K.CSA_STAR: (*_ALL, "ends_on", "level", "caiq_version"),
        K.PENETRATION_TEST: (*_ALL, *_TEST),
        K.OTHER: (*_ALL, "certificate_number", "period_from", "period_to", "ends_on"),
    }
)
# Those without which nobody can say until when it counts, or of what it is.
NEEDED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        K.SOC2_TYPE_1: ("legal_entity", "scope", "period_to"),
        K.SOC2_TYPE_2: ("legal_entity", "scope", "period_from", "period_to"),
        K.BRIDGE_LETTER: ("legal_entity", "scope"),
        K.ISO_27001: ("legal_entity", "scope", "ends_on"),
        K.ISO_42001: ("legal_entity", "scope", "ends_on"),
        K.PCI_AOC: ("legal_entity", "scope", "issued_on"),
        K.CSA_STAR: ("legal_entity", "scope", "issued_on"),
        K.PENETRATION_TEST: ("legal_entity", "scope", "issued_on"),
        K.OTHER: ("legal_entity", "scope"),
    }
)


def known_kind(kind: str) -> str:
    """Return the kind. Raises CertificateInvalid for one that there is not."""
    if kind not in OF_KIND:
        raise CertificateInvalid(f"Choose one of: {', '.join(OF_KIND)}.", field="kind")
    return kind


def cleaned(kind: str, details: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of a certificate of a kind as they are stored, those that are not said left empty.

    Raises CertificateInvalid for a fact that the kind does not have or one that is missing, Refused for a bad value.
    """
    _refuse_strange(kind, details)
    facts = fields.clean(details, CLEANERS)
    for name in NEEDED[kind]:
        if not facts.get(name):
            raise CertificateInvalid("Fill this in: without it nobody can say what counts, or until when.", field=name)
    return {name: facts.get(name, _empty(name)) for name in CLEANERS}


def conditions(values: Mapping[str, Any]) -> dict[str, bool | None]:
    """Return the eight conditions as yes, no or not known. Raises Refused for another or a bad value."""
    known = fields.clean(values, dict.fromkeys(CONDITIONS, fields.truth))
    return {name: known.get(name) for name in CONDITIONS}


def _refuse_strange(kind: str, details: Mapping[str, Any]) -> None:
    for name, value in details.items():
        if name in CLEANERS and name not in OF_KIND[kind] and value not in ("", None, [], ()):
            label = Certificate.Kind(kind).label
            words = name.replace("_", " ")
            raise CertificateInvalid(f"This is no fact of this kind ({label}): {words}. Leave it out.", field=name)


def _empty(name: str) -> Any:
    field = Certificate._meta.get_field(name)
    return [] if name == "categories" else None if field.null else ""
