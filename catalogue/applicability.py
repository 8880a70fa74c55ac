"""When a question is asked: a predicate language of three words, as data.

    {fact: has_remote, is: true}      {any_of: [predicate, …]}      {all_of: [predicate, …]}

Facts are true, false or unknown, and so is a predicate over them (Kleene's three-valued logic).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

Predicate = Mapping[str, object]
Facts = Mapping[str, bool | None]

FACTS = {
    "has_remote": "the release offers a remote (Streamable HTTP or SSE)",
    "has_stdio": "the release offers a package that a client starts over stdio",
    "has_oci": "the release offers a container image",
    "personal_data": "a deployment reaches personal data",
    "destructive_tools": "a tool can destroy, pay or change rights, or does not say that it cannot",
    "executes": "a tool runs code or commands",
    "vendor_commercial": "the vendor offers the server as a business",
    "open_source": "the source is public under an open licence",
    "hosted_by_vendor": "the vendor runs the server, or a part of it that sees our data",
    "secrets_required": "the server needs a credential to work",
    "under_contract": "we have a contract or a paid plan with the vendor that covers the server",
    "local_http": "a server that we run listens for HTTP",
    "governance_tier_3": "a deployment runs under governance tier 3",
    "publishes_servers": "the vendor publishes MCP servers",
    "supplies_models": "the vendor provides models",
    "supplies_data": "the vendor is a source of data",
    "supplies_infrastructure": "the vendor hosts for us, or runs a cloud that we use",
    "supplies_people": "the vendor's people advise us or work for us",
}


class NotAPredicate(ValueError):
    """The data is no predicate of this language; the message says where and why."""


def truth(predicate: Predicate, facts: Facts) -> bool | None:
    """Return True or False, or None when an unknown fact decides. Raises `NotAPredicate`."""
    sentence = next(problems(predicate), None)
    if sentence:
        raise NotAPredicate(sentence)
    return _truth(predicate, facts)


def in_words(predicate: Any) -> str:
    """Return a condition as people say it, e.g. "the release offers a container image"."""
    if "fact" in predicate:
        words = FACTS[str(predicate["fact"])]
        return words if predicate["is"] else f"it is not so that {words}"
    ((word, members),) = predicate.items()
    return (" or " if word == "any_of" else " and ").join(in_words(member) for member in members)


def proof(predicate: Predicate, facts: Facts) -> str:
    """Return as a sentence what of the facts makes a condition true; empty where they do not make it true."""
    if not truth(predicate, facts):
        return ""
    words = in_words(_proven(predicate, facts))
    return f"{words[0].upper()}{words[1:]}."


def problems(data: object, at: str = "applies_when") -> Iterator[str]:
    """Yield a sentence for each place where the data leaves the language; nothing for a good predicate."""
    if not isinstance(data, Mapping):
        yield f"{at}: a predicate is a mapping, not {data!r}"
    elif set(data) == {"fact", "is"}:
        yield from _fact_problems(data, at)
    elif set(data) in ({"any_of"}, {"all_of"}):
        yield from _group_problems(data, at)
    else:
        yield f"{at}: expected fact and is, any_of, or all_of, found {', '.join(map(str, data)) or 'nothing'}"


def _fact_problems(data: Predicate, at: str) -> Iterator[str]:
    if data["fact"] not in FACTS:
        yield f"{at}.fact: {data['fact']!r} is not a known fact; known are {', '.join(FACTS)}"
    if not isinstance(data["is"], bool):
        yield f"{at}.is: expected true or false, found {data['is']!r}"


def _group_problems(data: Predicate, at: str) -> Iterator[str]:
    ((word, members),) = data.items()
    if not isinstance(members, list | tuple) or not members:
        yield f"{at}.{word}: expected a list of at least one predicate"
        return
    for number, member in enumerate(members):
        yield from problems(member, f"{at}.{word}[{number}]")


def _proven(predicate: Predicate, facts: Facts) -> Predicate:
    """Return a true condition without its members that are not true; what is left of it is true together."""
    if "fact" in predicate:
        return predicate
    ((_word, members),) = predicate.items()
    each = cast("Sequence[Predicate]", members)
    return {"all_of": [_proven(member, facts) for member in each if _truth(member, facts)]}


def _truth(predicate: Predicate, facts: Facts) -> bool | None:
    if "fact" in predicate:
        known = facts.get(str(predicate["fact"]))
        return None if known is None else known is predicate["is"]
    ((word, members),) = predicate.items()
    decisive = word == "any_of"
    truths = {_truth(member, facts) for member in cast("Sequence[Predicate]", members)}
    if decisive in truths:
        return decisive
    return None if None in truths else not decisive
