"""Which questions bear on which controls, whatever revision the questions were written against."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet

from catalogue.models import Control, Framework, Question


def of_set(question_set: Any) -> dict[str, list[int]]:
    """Return, by the key of a question of the set, the keys of the controls in current revisions that it bears on.

    A question names a control of the revision that was current when its set was published; what stands under the same
    reference in the current one is meant, and what an overlay calls the same. Two statements.
    """
    named = Question.objects.filter(question_set=question_set, controls__isnull=False)
    current = _current(Control.objects.filter(same_as=None))
    found: dict[str, list[int]] = {}
    for key, framework, ref in named.order_by("position").values_list(
        "key", "controls__framework__key", "controls__ref"
    ):
        if (framework, ref) in current:
            found.setdefault(key, []).append(current[framework, ref])
    return found


def of_controls(question_sets: Collection[Any], controls: Collection[Control]) -> dict[int, list[Question]]:
    """Return, by the key of each of these controls, the questions of the sets that bear on it, in their order.

    `controls` are read with their frameworks, and with what they are the same as. Two statements.
    """
    wanted: dict[tuple[str, str], list[int]] = defaultdict(list)
    for control in controls:
        meant = control.same_as or control
        wanted[meant.framework.key, meant.ref].append(control.pk)
    asked = Question.objects.filter(question_set__in=question_sets).order_by("question_set__key", "position")
    rows = asked.defer("guidance", "good_answer")
    questions = {row.pk: row for row in rows}
    found: dict[int, list[Question]] = {control.pk: [] for control in controls}
    pairs = asked.filter(controls__isnull=False).values_list("pk", "controls__framework__key", "controls__ref")
    for pk, framework, ref in pairs:
        for key in wanted.get((framework, ref), ()):
            found[key].append(questions[pk])
    return found


def _current(controls: "QuerySet[Control]") -> dict[tuple[str, str], int]:
    rows = controls.filter(framework__status=Framework.CURRENT)
    return {(key, ref): pk for key, ref, pk in rows.order_by().values_list("framework__key", "ref", "pk")}
