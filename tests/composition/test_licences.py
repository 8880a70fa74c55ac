"""Licences of inventories: what holds together is told apart, and what is no expression stays as it is."""

from composition.documents import licences
from tests.tables import for_each

TERMS = [
    ("MIT", ("MIT",)),
    ("MIT AND Apache-2.0", ("MIT", "Apache-2.0")),
    ("(MIT AND (Apache-2.0 AND MIT))", ("MIT", "Apache-2.0")),
    ("MIT OR Apache-2.0", ("MIT OR Apache-2.0",)),
    ("(MIT OR Apache-2.0)", ("MIT OR Apache-2.0",)),
    ("(MIT OR Apache-2.0) AND BSD-3-Clause", ("MIT OR Apache-2.0", "BSD-3-Clause")),
    ("(MIT) OR (Apache-2.0)", ("(MIT) OR (Apache-2.0)",)),
    ("MIT AND Apache-2.0 OR BSD-3-Clause", ("MIT AND Apache-2.0 OR BSD-3-Clause",)),
    ("GPL-2.0-only WITH Classpath-exception-2.0", ("GPL-2.0-only WITH Classpath-exception-2.0",)),
    ("LicenseRef-1 AND GPL-2.0+", ("LicenseRef-1", "GPL-2.0+")),
    ("NOASSERTION", ()),
    ("", ()),
    ("NONE", ("NONE",)),
    ("Apache License, Version 2.0", ("Apache License, Version 2.0",)),
    ("MIT AND", ("MIT AND",)),
    ("(MIT", ("(MIT",)),
    ("MIT AND Proprietary", ("MIT AND Proprietary",)),
    (" AND ".join(["MIT"] * 5000), (" AND ".join(["MIT"] * 5000),)),
    ("(" * 3000 + "MIT" + ")" * 3000, ("(" * 3000 + "MIT" + ")" * 3000,)),
]


@for_each("written, found", TERMS)
def test_what_all_holds_is_told_apart(written: str, found: tuple[str, ...]) -> None:
    assert licences.terms(written) == found


@for_each("written, found", [row for row in TERMS if row[1] and licences.is_expression(row[0])])
def test_licences_joined_again_are_the_same_ones(written: str, found: tuple[str, ...]) -> None:
    assert licences.terms(licences.expression(found)) == found


def test_what_only_its_document_explains_is_found() -> None:
    assert licences.own_of("(LicenseRef-a OR MIT) AND LicenseRef-b AND LicenseRef-a") == (
        "LicenseRef-a",
        "LicenseRef-b",
    )
