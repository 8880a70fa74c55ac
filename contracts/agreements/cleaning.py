"""How what people type of contracts becomes fields: sums, codes and identifiers."""

import re
from decimal import Decimal
from typing import Any

from contracts.agreements.currencies import CODES as CURRENCIES
from riskregister.refusals import Refused
from vendors.naming.countries import CODES as COUNTRIES

_LEI = re.compile(r"[A-Z0-9]{18}[0-9]{2}")


def money(value: Any, field: str) -> Decimal | None:
    """Return a sum or None. Raises Refused for what is no sum, is negative, or is finer than a hundredth."""
    if value is None or value == "":
        return None
    if not isinstance(value, Decimal) or not value.is_finite() or not 0 <= value < 10**12:
        raise Refused("Give a sum, e.g. 12000 or 12000.50.", field=field)
    if value != round(value, 2):
        raise Refused("Give a sum to the hundredth.", field=field)
    return round(value, 2)


def currency(value: Any, field: str) -> str:
    """Return the code of a currency, or an empty text. Raises Refused."""
    code = str(value or "").strip().upper()
    if code and code not in CURRENCIES:
        raise Refused("Give the ISO 4217 code of three letters, e.g. EUR.", field=field)
    return code


def country(value: Any, field: str) -> str:
    """Return the code of a country, or an empty text. Raises Refused."""
    code = str(value or "").strip().upper()
    if code and code not in COUNTRIES:
        raise Refused("Give the ISO 3166 code of two letters, e.g. GB.", field=field)
    return code


def countries(value: Any, field: str) -> str:
    """Return codes of countries, each once and in order, with spaces between. Raises Refused, naming what is none."""
    codes = re.split(r"[\s,;]+", str(value or "").strip().upper())
    wrong = sorted({code for code in codes if code} - COUNTRIES)
    if wrong:
        raise Refused(f"{', '.join(wrong)[:60]} is no country. Give ISO 3166 codes, e.g. DE IE US.", field=field)
    return " ".join(sorted({code for code in codes if code}))


def lei(value: Any, field: str) -> str:
    """Return a Legal Entity Identifier, or an empty text. Raises Refused where its check digits do not fit."""
    code = re.sub(r"\s", "", str(value or "")).upper()
    if code and (not _LEI.fullmatch(code) or int("".join(str(int(one, 36)) for one in code)) % 97 != 1):
        raise Refused("This is no LEI: it has 20 letters and digits, and its last two check the rest.", field=field)
    return code
