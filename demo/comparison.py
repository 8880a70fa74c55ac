"""The servers of the example organisation under both question sets: how many questions, and which score.

Pure: from the captured documents, the sheets and the catalogue's files, without a database;
`script/compare_question_sets` writes docs/question-set-2.md from it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from catalogue import questionnaire
from catalogue.applicability import Facts
from catalogue.questionnaire import Option, Question, QuestionSet
from demo import captures, sheets
from demo.sheets import Sheet
from scoring import assurance, methodology
from scoring.assurance import Line, Score, State
from scoring.scales import Severity
from vendors import tiers

SERVERS = tuple(sorted(path.stem for path in captures.FOLDER.glob("*.json")))
# What an answer of the example rests on, by how well its server is evidenced and what the question is about.
LEVELS: Mapping[str, Mapping[str, int]] = {
    "thorough": {"release": 3, "vendor": 2, "deployment": 2},
    "checked": {"release": 2, "vendor": 2, "deployment": 2},
    "usual": {"release": 2, "vendor": 1, "deployment": 2},
    "thin": {"release": 0, "vendor": 1, "deployment": 0},
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one question set makes of a server: what is asked, the score before caps, the critical questions failed."""

    asked: int
    score: Score
    failed_critical: tuple[str, ...]

    @property
    def shown(self) -> str:
        """Return the score as it is printed, e.g. "71.83"."""
        return "–" if self.score.overall is None else assurance.shown(self.score.overall)


@dataclass(frozen=True, slots=True)
class Compared:
    """A server under both sets; `gone` and `new` are the questions that only one of them asks it."""

    title: str
    tier: int
    depth: int
    first: Outcome
    second: Outcome
    gone: tuple[str, ...]
    new: tuple[str, ...]


def every() -> Iterator[Compared]:
    """Yield the servers of the example by title."""
    yield from sorted((compared(key) for key in SERVERS), key=lambda one: one.title.casefold())


def compared(key: str) -> Compared:
    """Return one server under both sets."""
    sheet, facts = sheets.load(key), facts_of(key)
    tier = tier_of(sheet)
    first, second = questionnaire.load().question_sets
    depth = methodology.load(2).depths[tier]
    asked = {one.version: _asked(one, facts, depth=depth) for one in (first, second)}
    keys = {version: {question.key for question in questions} for version, questions in asked.items()}
    return Compared(
        title=captures.load(key).document["server_json"].get("title") or key,
        tier=tier,
        depth=depth,
        first=_outcome(asked[1], sheet, facts),
        second=_outcome(asked[2], sheet, facts),
        gone=tuple(sorted(keys[1] - keys[2])),
        new=tuple(sorted(keys[2] - keys[1])),
    )


def facts_of(key: str) -> Facts:
    """Return what the register knows of a captured server, as it gathers it from the rows."""
    capture, sheet = captures.load(key), sheets.load(key)
    document = capture.document["server_json"]
    packages, remotes = document.get("packages", []), document.get("remotes", [])
    transports = {package["transport"]["type"] for package in packages}
    inputs = [row for package in packages for row in package.get("environmentVariables", [])]
    inputs += [row for remote in remotes for row in remote.get("headers", [])]
    secrets = any(row.get("isSecret") for row in inputs)
    tools = capture.document["captured"]["tools_list"]["tools"]
    powers = {row["tool_power"] for row in sheet.deployments}
    return {
        "has_remote": bool(remotes) or bool(transports - {"stdio"}),
        "has_stdio": "stdio" in transports,
        "has_oci": any(package["registryType"] == "oci" for package in packages),
        "personal_data": any(row["personal_data"] for row in sheet.deployments) if sheet.deployments else None,
        "destructive_tools": any(_may_destroy(tool.get("annotations") or {}) for tool in tools),
        "executes": None if not powers or powers & {"high", "severe"} else False,
        "vendor_commercial": sheets.vendor(capture.vendor["name"])["is_commercial"],
        "open_source": bool(capture.licence and capture.repository) or None,
        "hosted_by_vendor": bool(remotes),
        "secrets_required": True if secrets else (None if remotes else False),
        "under_contract": sheet.is_under_contract,
        "local_http": bool(transports - {"stdio"}),
        "governance_tier_3": None,
    }


def tier_of(sheet: Sheet) -> int:
    """Return the worst tier of the server's deployments, by the newest table; without any the tier of nothing known."""
    table = tiers.load()
    facts = [{name: row[name] for name in (fact.key for fact in table.facts)} for row in sheet.deployments]
    return min(tiers.inherent_tier(one, table).tier for one in facts or [{}])


def _may_destroy(hints: Mapping[str, object]) -> bool:
    return hints.get("readOnlyHint") is not True and hints.get("destructiveHint") is not False


def _asked(one: QuestionSet, facts: Facts, *, depth: int) -> list[Question]:
    deepest = depth if one.version > 1 else methodology.EVERYTHING
    return [
        question
        for question in one.questions
        if question.depth <= deepest and questionnaire.applies(question.applies_when, facts)
    ]


def _outcome(asked: list[Question], sheet: Sheet, facts: Facts) -> Outcome:
    method = methodology.load(2)
    lines = [_line(question, sheet) for question in asked]
    score = assurance.rate(lines, method, accepted=[one.key for one in method.dimensions])
    failed = [line.question for line in lines if line.critical and assurance.gap(line, method)]
    return Outcome(len(asked), score, tuple(failed))


def _line(question: Question, sheet: Sheet) -> Line:
    return Line(
        question=question.key,
        dimension=question.dimension,
        subject=question.subject,
        weight=question.weight,
        critical=question.critical,
        severity=Severity.of(question.finding.severity),
        state=State.OPTION,
        value=_chosen(question, sheet).value,
        evidence_level=LEVELS[sheet.evidence][question.subject],
    )


def _chosen(question: Question, sheet: Sheet) -> Option:
    by_key = {option.key: option for option in question.options}
    if named := sheet.named(question.key, by_key):
        return by_key[named]
    target = Fraction(sheet.quarters(question.dimension, critical=question.critical), 4)
    return min(question.options, key=lambda option: (abs(option.value - target), -option.value))
