"""The assessment catalogue: question sets, control frameworks and the passages they answer, read from YAML.

Pure: no Django, no database, no clock. A published question set never changes; a change is a new set in a directory of
its own.
"""

import re
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields, is_dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, Literal

from catalogue import applicability, checks, files
from catalogue.applicability import Facts, Predicate
from catalogue.files import CatalogueError

Subject = Literal["vendor", "release", "deployment"]
# What the sets of questions are about, by which published ones are told apart.
SERVERS, VENDORS = "mcp-server", "vendor"

# Marks a field that set 1 did not have: plain data leave it out where it says nothing, so that its digest stays.
_SINCE_2 = {"since": 2}
# Marks a field that is no part of what is asked: plain data, and with them the digest, always leave it out.
_NOT_ASKED = {"asked": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """An observable fact that answers a question; `value` is 0, 1/4, 1/2, 3/4 or 1, higher is better.

    `undated`: the fact needs no event that took place on a day. `raises_when`: it raises the finding, however good its
    value, where this is so.
    """

    key: str
    text: str
    value: Fraction
    undated: bool = field(default=False, metadata=_SINCE_2)
    raises_when: Predicate | None = field(default=None, metadata=_SINCE_2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """The event that a question is about, in a word such as "scan"; its answer is fresh for so many days from it."""

    of: str
    fresh_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A fact of `comparisons.FACTS` that stands beside a question; while it `holds` or not, options are contradicted.

    `dates`: the event that an answer tells of, if it took place before the day of the fact, is contradicted too.
    `shows`: the option that the fact is the answer to, empty for none.
    """

    fact: str
    holds: bool
    contradicts: frozenset[str]
    dates: bool
    shows: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingTemplate:
    """The finding that a bad answer or a missing one raises."""

    title: str
    severity: str
    description: str
    remediation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question; `options` run from best to worst, `applies_when` is None when it is always asked.

    `depth`: 1 is asked of every server, 3 only where the inherent tier asks for all questions. `event`: what the answer
    tells of happened on a day.
    """

    key: str
    dimension: str
    subject: Subject
    text: str
    guidance: str
    good_answer: str
    options: tuple[Option, ...]
    weight: int
    critical: bool
    evidence: str
    controls: tuple[str, ...]
    seeds: tuple[str, ...]
    applies_when: Predicate | None
    finding: FindingTemplate
    depth: int = field(default=1, metadata=_SINCE_2)
    event: Occasion | None = field(default=None, metadata=_SINCE_2)
    compared: tuple[Comparison, ...] = field(default=(), metadata=_NOT_ASKED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """One of the five dimensions with its questions in reading order."""

    key: str
    title: str
    asks: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionSet:
    """A version of the questions; `each_deployment`: those about deployments are answered for each of them."""

    version: int
    title: str
    dimensions: tuple[Dimension, ...]
    each_deployment: bool = field(default=False, metadata=_SINCE_2)

    @property
    def questions(self) -> tuple[Question, ...]:
        """Return the questions of all dimensions in reading order."""
        return tuple(question for dimension in self.dimensions for question in dimension.questions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """A control of a framework's revision; a withdrawn one names its successors, if it has any.

    `section` is the heading that it stands under, `requirement` what it asks for, in our own words.
    """

    ref: str
    title: str
    status: Literal["active", "withdrawn"]
    note: str
    superseded_by: tuple[str, ...]
    section: str = ""
    requirement: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """An edition of a framework; one of a framework's revisions is the current one."""

    key: str
    title: str
    status: Literal["current", "superseded"]
    note: str
    controls: tuple[Control, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Framework:
    """A published set of controls; its revisions run from oldest to newest.

    One that `overlays` another names controls of that again, under the same references; questions mean the other one.
    """

    key: str
    title: str
    publisher: str
    url: str
    revisions: tuple[Revision, ...]
    overlays: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A sentence, clause or bullet that needs a question; `product` says where the product itself answers it too."""

    id: str
    opening: str
    paraphrase: str
    product: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A text with the passages that the question set answers, between two lines of it."""

    key: str
    title: str
    file: str
    starts_after: str
    ends_before: str
    unit: Literal["sentence", "bullet"]
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """All that ships as assessment data; question sets run from oldest to newest, those about vendors apart."""

    question_sets: tuple[QuestionSet, ...]
    vendor_sets: tuple[QuestionSet, ...]
    frameworks: tuple[Framework, ...]
    documents: tuple[Document, ...]

    @property
    def newest(self) -> QuestionSet:
        """Return the question set that new assessments use."""
        return self.question_sets[-1]

    def of_version(self, version: int, *, key: str = SERVERS) -> QuestionSet | None:
        """Return the question set of a version, None where it does not ship any more."""
        sets = self.vendor_sets if key == VENDORS else self.question_sets
        return next((one for one in sets if one.version == version), None)


def applies(predicate: Predicate | None, facts: Facts) -> bool:
    """Return whether a question with this condition is asked, given the facts known so far.

    A fact that is absent or None is unknown, and a question that hangs on it applies. Raises
    `applicability.NotAPredicate`.
    """
    return predicate is None or applicability.truth(predicate, facts) is not False


@cache
def load(directory: Path = files.FOLDER) -> Catalogue:
    """Return the catalogue of a directory; raise `CatalogueError` with every problem found in a stage."""
    controls = files.read_controls(directory)
    seeds = files.read(directory / "seeds.yaml", "seeds")
    sets, of_vendors = files.read_sets(directory), files.read_vendor_sets(directory)
    problems = list(checks.problems(controls=controls, seeds=seeds, sets=sets, vendor_sets=of_vendors))
    if problems:
        raise CatalogueError(problems)
    return Catalogue(
        question_sets=tuple(_question_set(data) for data in sets),
        vendor_sets=tuple(_question_set(data) for data in of_vendors),
        frameworks=tuple(_framework(data) for data in controls["frameworks"]),
        documents=tuple(_document(data) for data in seeds["documents"]),
    )


def plain(node: Any) -> Any:
    """Return dicts, lists, strings, integers and booleans for any part of the catalogue, fractions written as "3/4"."""
    if is_dataclass(node):
        return {one.name: plain(getattr(node, one.name)) for one in fields(node) if _says_something(node, one)}
    if isinstance(node, tuple | list):
        return [plain(item) for item in node]
    if isinstance(node, Mapping):
        return {key: plain(value) for key, value in node.items()}
    return str(node) if isinstance(node, Fraction) else node


def _says_something(node: Any, one: "Field[Any]") -> bool:
    if not one.metadata.get("asked", True):
        return False
    return "since" not in one.metadata or getattr(node, one.name) != one.default


def _question_set(data: dict[str, Any]) -> QuestionSet:
    dimensions = tuple(_dimension(file) for file in data["dimensions"].values())
    return QuestionSet(
        version=data["version"],
        title=data["title"],
        dimensions=dimensions,
        each_deployment=data.get("each_deployment", False),
    )


def _dimension(data: dict[str, Any]) -> Dimension:
    head = data["dimension"]
    return Dimension(**head, questions=tuple(_question(question, head["key"]) for question in data["questions"]))


def _question(data: dict[str, Any], dimension: str) -> Question:
    parts = {
        "dimension": dimension,
        "options": tuple(Option(**option | {"value": Fraction(option["value"])}) for option in data["options"]),
        "controls": tuple(data["controls"]),
        "seeds": tuple(data["seeds"]),
        "applies_when": data.get("applies_when"),
        "event": Occasion(**data["event"]) if "event" in data else None,
        "finding": FindingTemplate(**data["finding"]),
        "compared": tuple(_comparison(row) for row in data.get("compared", ())),
    }
    return Question(**data | parts)


def _comparison(data: dict[str, Any]) -> Comparison:
    return Comparison(
        fact=data["fact"],
        holds=data.get("is", False),
        contradicts=frozenset(data.get("contradicts", ())),
        dates=data.get("dates", False),
        shows=data.get("shows", ""),
    )


def _framework(data: dict[str, Any]) -> Framework:
    return Framework(**data | {"revisions": tuple(_revision(revision) for revision in data["revisions"])})


def _revision(data: dict[str, Any]) -> Revision:
    sections = data.get("sections", {})
    controls = tuple(_control(control, sections) for control in data["controls"])
    members = {name: value for name, value in data.items() if name != "sections"}
    return Revision(**{"note": ""} | members | {"controls": controls})


def _control(data: dict[str, Any], sections: Mapping[str, str]) -> Control:
    defaults = {"status": "active", "note": "", "section": _section(data["ref"], sections)}
    return Control(**defaults | data | {"superseded_by": tuple(data.get("superseded_by", ()))})


def _section(ref: str, sections: Mapping[str, str]) -> str:
    """Return the heading whose key is the beginning of the reference, as "AC" is of "AC-2(1)"; empty for none."""
    return next((title for key, title in sections.items() if re.match(rf"{re.escape(key)}(?![A-Za-z0-9])", ref)), "")


def _document(data: dict[str, Any]) -> Document:
    return Document(**data | {"passages": tuple(Passage(**{"product": ""} | passage) for passage in data["passages"])})
