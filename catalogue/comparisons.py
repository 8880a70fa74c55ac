"""What the register itself can know that bears on an answer, by the names that question sets use. Pure.

A question names the facts that it is compared with, as data:

    compared:
      - {fact: addresses_encrypted, is: false, contradicts: [encrypted]}

While the fact is so, these options are contradicted; a fact without options is only shown beside the question. How an
answer is compared is no part of what is asked: a published set can learn it later, so that no digest holds it.
"""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Any

FACTS = MappingProxyType(
    {
        "addresses_encrypted": "every address of the release that leads off the machine is encrypted",
        "tools_captured": "the tools of the release were captured",
        "texts_visible": "no character of the captured texts is hidden",
        "tools_annotated": "every captured tool says whether it only reads or destroys",
        "annotations_declared": "at least one captured tool says whether it only reads or destroys",
        "packages_pinned": "every package names one artefact",
        "source_public": "the source is public",
        "credential_required": "the release names a credential that it needs",
        "registry_offers": "the registry does not advise against the release",
        "published": "the registry says on which day the release was published",
        "owner_named": "somebody who is still here owns the deployment, or else the server",
        "person_asked": "a person approves actions of the deployment before they are done",
        "egress_listed": "the deployment reaches listed hosts only, or none",
        "credentials_own": "the deployment holds credentials of its own without administrative rights",
    }
)


def problems(question: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for each comparison of a question, as read from its file, that cannot be made."""
    options = {option["key"]: Fraction(option["value"]) for option in question["options"]}
    contradicted: set[str] = set()
    for row in question.get("compared", ()):
        if row["fact"] not in FACTS:
            yield f"compared: {row['fact']} is not a fact that the register knows; known are {', '.join(FACTS)}"
        if ("is" in row) != bool(row.get("contradicts")):
            yield f"compared: {row['fact']} needs is and contradicts together, or neither"
        if row.get("dates") and "event" not in question:
            yield f"compared: {row['fact']} dates the event, and the question is about none"
        yield from (f"compared: {key} is not an option" for key in row.get("contradicts", ()) if key not in options)
        contradicted.update(row.get("contradicts", ()))
    if contradicted & {key for key, value in options.items() if value == 0}:
        yield "compared: an answer that counts 0 is taken at its word"
