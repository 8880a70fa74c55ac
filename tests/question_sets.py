"""What docs/question-set-2.md says of catalogue and example; `script/compare_question_sets` writes it."""

import re
from collections import Counter
from pathlib import Path

from catalogue import questionnaire
from catalogue.questionnaire import Question
from demo import comparison
from demo.comparison import Compared

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "question-set-2.md"
_PART = "<!-- {name} -->\n"


def write() -> None:
    """Write the generated parts of the document anew."""
    DOCUMENT.write_text(described(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")


def described(text: str) -> str:
    """Return the document with its generated parts as they should be."""
    for name, part in (("questions", _questions()), ("servers", _servers()), ("why", _why())):
        begin, end = _PART.format(name=name), _PART.format(name=f"end of {name}")
        before, _, rest = text.partition(begin)
        _old, _, after = rest.partition(end)
        text = f"{before}{begin}{part}{end}{after}"
    return text


def _questions() -> str:
    return "".join(_dimension(one.title, one.questions) for one in questionnaire.load().newest.dimensions)


def _dimension(title: str, questions: tuple[Question, ...]) -> str:
    head = f"\n### {title}\n\n| Question | About | Depth | Weight | Days | Controls |\n|---|---|---|---|---|---|\n"
    return head + "".join(f"| {' | '.join(_row(question))} |\n" for question in questions)


def _row(question: Question) -> list[str]:
    text = f"**{question.text}**" if question.critical else question.text
    days = f"{question.event.of}, {question.event.fresh_days}" if question.event else ""
    return [text, question.subject, str(question.depth), str(question.weight), days, ", ".join(question.controls)]


def _servers() -> str:
    titles = "Server | Tier | Depth | Asked: set 1 | Asked: set 2 | Score: set 1 | Score: set 2 | Critical ones failed"
    head = f"\n| {titles} |\n|---|---|---|---|---|---|---|---|\n"
    return head + "".join(f"| {' | '.join(_cells(one))} |\n" for one in comparison.every())


def _cells(one: Compared) -> list[str]:
    failed = [f"{len(outcome.failed_critical)}" for outcome in (one.first, one.second)]
    return [
        one.title, str(one.tier), str(one.depth), str(one.first.asked), str(one.second.asked),
        f"{one.first.shown} {one.first.score.band.label}", f"{one.second.shown} {one.second.score.band.label}",
        " → ".join(failed),
    ]  # fmt: skip


def _why() -> str:
    rows = list(comparison.every())
    gone = Counter(key for one in rows for key in one.gone)
    new = Counter(key for one in rows for key in one.new)
    lines = ["", "| Asked by one set only | Set 1, of servers | Set 2, of servers |", "|---|---|---|"]
    lines += [
        f"| `{key}` | {gone[key] or ''} | {new[key] or ''} |" for key in sorted(gone.keys() | new.keys(), key=_by_room)
    ]
    return "\n".join([*lines, ""])


def _by_room(key: str) -> tuple[int, str]:
    dimensions = [one.key for one in questionnaire.load().newest.dimensions]
    return dimensions.index(re.split(r"\.", key)[0]), key
