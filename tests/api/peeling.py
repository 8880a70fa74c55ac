"""Values that make no sense: for all names at once, and then alone under each name that was not refused.

A refusal by name says of a value what it would say if the value came alone. What it does not name may have been passed
over: it is sent again without the others, until it was named or stood by itself, where it reaches the query or step.
"""

from collections.abc import Callable, Sequence
from typing import Any

# Refusals that name all that does not fit, and not only what was met first.
NAMING = (":invalid", ":unknown-reference")


def peel(names: Sequence[str], value: Any, send: Callable[[dict[str, Any]], Any]) -> None:
    """Send a value under all names together, then without those that were refused by now, and at last each alone.

    `send` judges the answer, and returns it.
    """
    left = list(names)
    while refused := _refused(send(dict.fromkeys(left, value))).intersection(left):
        left = [name for name in left if name not in refused]
        if not left:
            return
    for name in left if len(names) > 1 else ():
        send({name: value})


def _refused(answer: Any) -> set[str]:
    if answer.status_code not in {400, 422}:
        return set()
    problem = answer.json()
    if not problem["type"].endswith(NAMING):
        return set()
    return {error["field"].partition(".")[0].partition("[")[0] for error in problem["errors"]}
