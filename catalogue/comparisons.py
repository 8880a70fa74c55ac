"""What the register itself can know that bears on an answer, by the names that question sets use. Pure.

A question names the facts that it is compared with, as data:

    compared:
      - {fact: addresses_encrypted, is: false, contradicts: [encrypted]}

      - {fact: tls_12_strong, is: true, contradicts: [tls13_only], shows: tls12_strong}

While the fact is so, these options are contradicted, and the one that it shows is offered as the answer; a fact without
options is only shown beside the question. `not_applicable` among them says that the question cannot be put aside then.
How an answer is compared is no part of what is asked: a published set can learn it later, so that no digest holds it.
"""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Any

# What stands among the contradicted options for the answer that the question does not apply.
NOT_APPLICABLE = "not_applicable"

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
        "artefact_as_pinned": "the package registry serves the artefact whose digest the release names",
        "name_points_back": "the package names the server that it belongs to",
        "package_offered": "the package registry has not deprecated or withdrawn the package",
        "released_lately": "a package of the release had a new version within three months",
        "tls_13_only": "the address takes TLS 1.3 and nothing older",
        "tls_12_strong": "the address takes TLS 1.2 beside 1.3, with strong ciphers only",
        "tls_12_only": "the address takes TLS 1.2 at most, with strong ciphers only",
        "tls_weak_ciphers": "the address takes TLS 1.2 with weak ciphers",
        "tls_old": "the address takes TLS before 1.2",
        "certificate_valid": "the certificate of the address is one that clients can trust",
        "anonymous_refused": "the address refuses who brings no credential",
        "metadata_published": "the address that asks for a token says by RFC 9728 where it comes from",
        "changes_approved": "Scorecard found that somebody else approved each of the last changes of the repository",
        "few_changes_approved": "Scorecard found that somebody else approved fewer than half of the last changes",
        "branches_protected": "Scorecard found the branches of the repository protected in all that it looks at",
        "forge_releases_signed": "Scorecard found a signature with each of the last releases in the forge",
        "build_pinned": "Scorecard found everything pinned that the repository uses to build",
        "materials_listed": "Scorecard found a bill of materials",
        "policy_in_repository": "Scorecard found a security policy in the repository",
        "repository_unaffected": "Scorecard knew no published vulnerability of the repository",
        "repository_archived": "Scorecard found the repository archived",
        "repository_quiet": "Scorecard found neither a change nor an answered issue within 90 days",
        "profile_encrypted": "the technical profile says that the connection to the deployment is encrypted",
        "profile_tls_13": "the technical profile says that the deployment takes TLS 1.3 and nothing older",
        "profile_mutual_tls": "the technical profile says that both sides of the connection show a certificate",
        "profile_calls_logged": "the technical profile says that calls of the deployment are logged",
        "profile_contained": "the technical profile says that the deployment runs in a container or sandbox",
        "private_channel": "the vendor's security.txt says where weaknesses are reported, and has not run out",
    }
)


def problems(question: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for each comparison of a question, as read from its file, that cannot be made."""
    options = {option["key"]: Fraction(option["value"]) for option in question["options"]}
    sayable = {*options, NOT_APPLICABLE}
    contradicted: set[str] = set()
    for row in question.get("compared", ()):
        if row["fact"] not in FACTS:
            yield f"compared: {row['fact']} is not a fact that the register knows; known are {', '.join(FACTS)}"
        if ("is" in row) != bool(row.get("contradicts") or "shows" in row):
            yield f"compared: {row['fact']} needs is and contradicts or shows together, or none of them"
        if row.get("dates") and "event" not in question:
            yield f"compared: {row['fact']} dates the event, and the question is about none"
        yield from (f"compared: {key} is not an option" for key in row.get("contradicts", ()) if key not in sayable)
        if "shows" in row and (row["shows"] not in options or row["shows"] in row.get("contradicts", ())):
            yield f"compared: {row['shows']} is not an option that {row['fact']} can show"
        contradicted.update(row.get("contradicts", ()))
    if contradicted & {key for key, value in options.items() if value == 0}:
        yield "compared: an answer that counts 0 is taken at its word"
