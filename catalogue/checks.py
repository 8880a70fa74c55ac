"""Rules between the catalogue's entries that a JSON schema cannot state. Works on the data as read from the files."""

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from fractions import Fraction
from typing import Any

from catalogue import applicability, comparisons

Data = dict[str, Any]

OPINION = re.compile(r"(yes|no|partly|partially)\b", re.IGNORECASE)
# That nobody looked is "don't know", which every question offers: it is no fact about the server.
# Set 1 joined such words with the worst facts; it stays as it was published.
FACTS_ALONE_SINCE = 2
NOBODY_LOOKED = re.compile(
    r"\b(nobody|no one|not)\b.{0,12}\b(looked|checked|compared|scanned|tried to find out|knows)\b|\b(is|are) unknown\b",
    re.IGNORECASE,
)


def problems(*, controls: Data, seeds: Data, sets: list[Data], vendor_sets: list[Data]) -> Iterator[str]:
    """Yield a sentence for each broken rule, with the place first."""
    yield from _control_problems(controls)
    passages = [passage["id"] for document in seeds["documents"] for passage in document["passages"]]
    yield from _repeated(passages, "seeds.yaml")
    if not sets:
        yield "the catalogue holds no question set"
    named = [framework for framework in controls["frameworks"] if "overlays" not in framework]
    every = [control for framework in named for control in _controls(framework)]
    active = {control["ref"] for control in every if control.get("status") != "withdrawn"}
    known = {"active": active, "passages": set(passages)}
    for data in sets:
        facts_alone = data["version"] >= FACTS_ALONE_SINCE
        yield from _set_problems(data, f"question-set-{data['version']}", facts_alone=facts_alone, **known)
    for data in vendor_sets:
        where = f"vendor-question-set-{data['version']}"
        yield from _set_problems(data, where, facts_alone=True, **known)
        yield from _subject_problems(data, where)


def _controls(framework: Data) -> list[Data]:
    return [control for revision in framework["revisions"] for control in revision["controls"]]


def _control_problems(data: Data) -> Iterator[str]:
    where = "controls.yaml"
    yield from _repeated((framework["key"] for framework in data["frameworks"]), where)
    # A question names a control by its reference alone, so no two frameworks may share one, but an overlay.
    by_name = [framework for framework in data["frameworks"] if "overlays" not in framework]
    refs = [{control["ref"] for control in _controls(framework)} for framework in by_name]
    yield from _repeated((ref for one in refs for ref in one), where)
    for framework in data["frameworks"]:
        if framework.get("overlays", framework["key"]) not in {one["key"] for one in by_name} | {framework["key"]}:
            yield f"{where}: {framework['key']} overlays {framework['overlays']}, which is not a framework"
        yield from _framework_problems(framework, f"{where}: {framework['key']}")


def _framework_problems(framework: Data, where: str) -> Iterator[str]:
    if [revision["status"] for revision in framework["revisions"]].count("current") != 1:
        yield f"{where}: exactly one revision is current"
    yield from _repeated((revision["key"] for revision in framework["revisions"]), where)
    for revision in framework["revisions"]:
        refs = [control["ref"] for control in revision["controls"]]
        yield from _repeated(refs, f"{where} {revision['key']}")
        for control in revision["controls"]:
            yield from _successor_problems(control, set(refs), f"{where} {revision['key']}")


def _successor_problems(control: Data, refs: set[str], where: str) -> Iterator[str]:
    successors = control.get("superseded_by", [])
    if successors and control.get("status") != "withdrawn":
        yield f"{where}: {control['ref']} needs superseded_by only if it is withdrawn"
    for ref in successors:
        if ref not in refs:
            yield f"{where}: {control['ref']} is superseded by {ref}, which this revision does not have"


def _subject_problems(data: Data, where: str) -> Iterator[str]:
    for name, file in data["dimensions"].items():
        for question in file["questions"]:
            if question["subject"] != "vendor":
                yield f"{where}/{name}.yaml: {question['key']}: a set about vendors asks about the vendor alone"


def _set_problems(data: Data, where: str, *, facts_alone: bool, active: set[str], passages: set[str]) -> Iterator[str]:
    files = data["dimensions"]
    yield from _repeated((question["key"] for file in files.values() for question in file["questions"]), where)
    for name, file in files.items():
        if file["dimension"]["key"] != name:
            yield f"{where}/{name}.yaml: dimension.key is {file['dimension']['key']!r}, expected {name!r}"
        for question in file["questions"]:
            place = f"{where}/{name}.yaml: {question['key']}"
            yield from _question_problems(question, name, place)
            yield from _unknown(question["controls"], active, f"{place}: controls", "not an active control")
            yield from _unknown(question["seeds"], passages, f"{place}: seeds", "not a passage")
            if facts_alone:
                yield from _fact_problems(question, place)


def _question_problems(question: Data, dimension: str, where: str) -> Iterator[str]:
    if question["key"].split(".")[0] != dimension:
        yield f"{where}: the key begins with the dimension, {dimension}."
    if question["critical"] != (question["finding"]["severity"] == "critical"):
        # Both cap the rating alike, so one without the other would only hide the reason.
        yield f"{where}: a critical question raises a critical finding, and no other question does"
    if "applies_when" in question:
        yield from (f"{where}: {sentence}" for sentence in applicability.problems(question["applies_when"]))
    yield from _option_problems(question["options"], where)
    yield from (f"{where}: {sentence}" for sentence in comparisons.problems(question))
    for option in question["options"]:
        if "raises_when" in option:
            at = f"option {option['key']}.raises_when"
            yield from (f"{where}: {sentence}" for sentence in applicability.problems(option["raises_when"], at))


def _fact_problems(question: Data, where: str) -> Iterator[str]:
    if "depth" not in question:
        yield f"{where}: say the depth from which it is asked"
    for option in question["options"]:
        if NOBODY_LOOKED.search(option["text"]):
            yield f'{where}: option {option["key"]} says that nobody looked; that is "don\'t know"'
        if ", or " in option["text"]:
            yield f"{where}: option {option['key']} states two facts; make them two options"
        if option.get("undated") and "event" not in question:
            yield f"{where}: option {option['key']} is undated, and the question is about no event"


def _option_problems(options: list[Data], where: str) -> Iterator[str]:
    yield from _repeated((option["key"] for option in options), where)
    values = [Fraction(option["value"]) for option in options]
    if values[0] != 1 or values[-1] != 0 or values != sorted(values, reverse=True):
        yield f"{where}: options run from best to worst, from 1 to 0"
    for option in options:
        if OPINION.match(option["text"]):
            yield f"{where}: option {option['key']} states an opinion; an option states an observable fact"


def _repeated(names: Iterable[Hashable], where: str) -> Iterator[str]:
    for name, count in Counter(names).items():
        if count > 1:
            yield f"{where}: {name} occurs {count} times"


def _unknown(names: list[str], known: set[str], where: str, reason: str) -> Iterator[str]:
    for name in names:
        if name not in known:
            yield f"{where}: {name} is {reason}"
