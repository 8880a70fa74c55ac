"""A rule in words: what it is about, whom it tells, and how soon, in one sentence."""

from collections.abc import Iterator, Mapping

from alerts.models import AlertRule
from alerts.recipients import kinds
from audit import events
from audit.events import Who
from scoring.scales import Severity

# The places that a rule may name, as people read them.
PLACES: Mapping[str, str] = {
    Who.OWNER.value: "Whoever owns it",
    Who.DEPLOYERS.value: "Whoever owns a deployment of it",
    Who.ANALYSTS.value: "Analysts of the unit",
    Who.APPROVERS.value: "Approvers of the unit",
    Who.MANAGERS.value: "Managers of the unit",
    Who.HEAD.value: "Managers of the whole organisation",
}


def kinds_of_things() -> dict[str, str]:
    """Return the kinds of things that a rule can be about, with what people read."""
    return {word: kind.label for word, kind in kinds.KINDS.items() if kind.nouns}


def events_by_kind() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield the kinds of things with their events and what people read of each; at the end, under "", all others."""
    by_kind: dict[str, list[tuple[str, str]]] = {word: [] for word in (*kinds_of_things(), "")}
    for verb, words in sorted(((one.verb, _event(one.verb)) for one in events.every()), key=lambda pair: pair[1]):
        by_kind[kinds.of(verb)].append((verb, words))
    yield from by_kind.items()


def sentence(rule: AlertRule) -> str:
    """Return e.g. "Findings, of high severity or worse: tells whoever owns it and CH-1 On call at once."."""
    return f"{what(rule)}: tells {whom(rule)} {str(rule.get_pace_display()).lower()}."


def what(rule: AlertRule) -> str:
    """Return what a rule is about."""
    labels = kinds_of_things()
    about = _listed([labels.get(word) or f"“{_event(word)}”" for word in rule.about])
    parts = [about[:1].upper() + about[1:]]
    if rule.least_severity:
        severity = Severity(rule.least_severity)
        parts.append(f"of {severity.word} severity" + ("" if severity is Severity.CRITICAL else " or worse"))
    if rule.tiers:
        parts.append(f"about servers of tier {_listed([str(tier) for tier in rule.tiers], last='or')}")
    if rule.vendor:
        parts.append(f"of {rule.vendor}")
    if rule.tag:
        parts.append(f"about servers tagged {rule.tag}")
    return ", ".join(parts)


def whom(rule: AlertRule) -> str:
    """Return whom a rule tells."""
    places = [PLACES[place][:1].lower() + PLACES[place][1:] for place in PLACES if place in rule.places]
    return _listed([*places, *map(str, rule.people.all()), *map(str, rule.channels.all())])


def _listed(words: list[str], *, last: str = "and") -> str:
    return f"{', '.join(words[:-1])} {last} {words[-1]}" if len(words) > 1 else "".join(words)


def _event(verb: str) -> str:
    """Return an event in words that name what it happened to, e.g. "Finding: Closed" and "Review overdue"."""
    noun, words = verb.partition(".")[0].replace("_", " ").capitalize(), events.words(verb)
    return words if noun.lower() in words.lower() else f"{noun}: {words}"
