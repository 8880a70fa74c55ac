"""What an approval lacks, as a list that leads to where each thing is done."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

from django.urls import reverse

from assessments.models import Assessment
from catalogue.models import Question
from decisions.approvals.approval_needs import Missing, Need
from findings.models import Finding
from vendors.models import Deployment, Release, Server

SHOWN = 8


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is missing, and where it is done (empty: nowhere yet)."""

    text: str
    url: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """All that is missing of one kind; `more` counts the lines that are left out."""

    title: str
    can_wait: bool
    lines: list[Line]
    more: int


_TITLES = {
    Need.TOOLS: "Captured tools",
    Need.DEPLOYMENT: "A deployment",
    Need.FACTS: "Exposure facts that are known",
    Need.EVIDENCE: "Checked evidence",
    Need.JUDGEMENT: "What checks of the tools found, opened or dismissed",
    Need.ACCEPTANCE: "Risks accepted by somebody else",
}


def groups(missing: Iterable[Missing], assessment: Assessment | None = None) -> list[Group]:
    """Return what is missing by kind, in the order in which it is best done."""
    found = list(missing)
    texts = _texts(found, assessment)
    return [
        _group(need, [one for one in found if one.need is need], texts, assessment)
        for need in Need
        if _has(need, found)
    ]


def _has(need: Need, found: list[Missing]) -> bool:
    return any(one.need is need for one in found)


def _group(need: Need, found: list[Missing], texts: Mapping[str, str], assessment: Assessment | None) -> Group:
    lines = [_line(one, texts, assessment) for one in islice(found, SHOWN)]
    return Group(_TITLES[need], found[0].can_wait, lines, max(len(found) - SHOWN, 0))


def _line(one: Missing, texts: Mapping[str, str], assessment: Assessment | None) -> Line:
    if one.question:
        url = _place(one, texts, assessment)
        hint = one.text if one.need is Need.EVIDENCE else "Its finding opens when the assessment is made final."
        return Line(texts.get(one.question, one.text), url, hint)
    return Line(f"{one.subject} {one.text}" if isinstance(one.about, Finding) else one.text, _where(one))


def _where(one: Missing) -> str:
    match one.about:
        case Release():
            return reverse("web:release-tools-import", args=[one.about.pk])
        case Assessment():
            return reverse("web:assessment-return", args=[one.about.pk])
        case Deployment():
            return reverse("web:deployment-edit", args=[one.about.pk])
        case Finding():
            return reverse("web:finding-detail", args=[one.about.pk])
        case Server():
            return reverse(f"web:{_OF_SERVER[one.need]}", args=[one.about.pk])
    return ""


def _place(one: Missing, texts: Mapping[str, str], assessment: Assessment | None) -> str:
    """Return where the answer stands, as far as the assessment has come; a cap may name what is no question."""
    question = one.question
    if assessment is None or question not in texts:
        return ""
    if assessment.status == Assessment.Status.DRAFT:
        page = reverse("web:assessment-dimension", args=[assessment.pk, question.split(".")[0]])
    elif assessment.status == Assessment.Status.SUBMITTED:
        page = reverse("web:assessment-review", args=[assessment.pk])
    else:
        # Frozen answers stand by question, the worst of its deployments first.
        return f"{reverse('web:assessment-detail', args=[assessment.pk])}#{question}"
    return f"{page}#{one.answer or _first_answer(question, assessment)}"


def _first_answer(question: str, assessment: Assessment) -> str:
    """Return the key of the answer to a question, of those for deployments that of the first."""
    rows = assessment.answers.asked().filter(question__key=question).select_related("question", "deployment")
    row = rows.order_by("deployment__number").first()
    return row.key if row else question


def _texts(found: list[Missing], assessment: Assessment | None) -> dict[str, str]:
    keys = [one.question for one in found if one.question]
    if assessment is None or not keys:
        return {}
    rows = Question.objects.filter(question_set=assessment.question_set_id, key__in=keys)
    return dict(rows.values_list("key", "text"))


_OF_SERVER = {
    Need.TOOLS: "release-import",
    Need.DEPLOYMENT: "deployment-add",
    Need.FACTS: "server-exposure",
    Need.ACCEPTANCE: "server-accept",
}
