"""Who may do what, in tables for the documents, from the declarations of roles and steps and the routes of the API."""

import inspect
import re
import typing
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

from django.db import models

from accounts import steps
from accounts.access import CAPABILITIES, Capability
from accounts.models import Role
from accounts.principals import Bar
from accounts.rules import Rule
from accounts.steps import Step
from tests.api.endpoints import endpoints

_FIRST_WORDS = re.compile(r"(?<!e\.g)[.;](?:\s|$)")
_BARRED = re.compile(r"Return the refusal for (.+?)(?:[;,] for others None)?\.", re.DOTALL)


def roles() -> str:
    """Return which role has which capabilities."""
    rows = (
        [role.label, *("yes" if capability in CAPABILITIES[role] else "" for capability in Capability)] for role in Role
    )
    return table(["Role", *(f"`{one.value}`" for one in Capability)], rows)


def scopes() -> str:
    """Return what a token may do with each scope."""
    rows = ([f"`{scope.value}`", "; ".join(_below(scope))] for scope in Capability)
    return table(["Scope", "Lets the token, as far as the roles of its owner allow it"], rows)


def of_steps() -> str:
    """Return the steps of every room: what each needs, from which states, who is barred, and where the API takes it."""
    addresses = _addresses()
    parts = []
    for room, found in groupby(steps.every_step(), key=lambda pair: pair[0].partition(".")[0]):
        rows = [_row(step, addresses.get(name, [])) for name, step in found]
        heads = ["Step", "Does", "Needs", "From", "To", "Barred", "API"]
        parts.append(f"### {room.capitalize()}\n\n{table(heads, rows)}")
    return "\n\n".join(parts)


def _row(step: Step[Any, Any], addresses: list[str]) -> list[str]:
    rule = step.rule
    does = inspect.getdoc(step.change) or ""
    return [
        f"`{step.name}`",
        _FIRST_WORDS.split(does)[0].replace("\n", " "),
        _needs(rule),
        ", ".join(_from(step)) or "any",
        _word(rule.to),
        "; ".join(barred(bar) for bar in rule.barred),
        "<br>".join(f"`{one}`" for one in addresses),
    ]


def _needs(rule: Rule) -> str:
    words = " or ".join(f"`{one}`" for one in rule.needed(None))
    if isinstance(rule.needs, Mapping):
        words = ", ".join(f"`{one}` when {_word(state)}" for state, one in rule.needs.items())
    if rule.also:
        words += f"; some of it {' or '.join(f'`{one}`' for one in rule.also)}"
    if rule.own:
        words += ", or whose it is"
    return words or "whose it is"


def _from(step: Step[Any, Any]) -> list[str]:
    rule = step.rule
    if rule.frm or not rule.to or rule.makes:
        return [_word(state) for state in rule.frm]
    model = _moved(step)
    return [_word(model.Status(state)) for state, to in model.TRANSITIONS.items() if rule.to in to]


def _moved(step: Step[Any, Any]) -> Any:
    """Return the model whose row the step moves."""
    hints = typing.get_type_hints(step.change)
    model: Any = hints[step.parameters[0]]
    for name in step.rule.on.split(".") if step.rule.on else ():
        field: Any = model._meta.get_field(name)
        model = typing.cast("type[models.Model]", field.related_model)
    return model


def barred(bar: Bar) -> str:
    """Return in words whom a bar keeps from taking a step, as its docstring says it."""
    found = _BARRED.match(inspect.getdoc(bar) or "")
    if not found:
        raise AssertionError(f"{bar} must say 'Return the refusal for …, for others None.'")
    return found[1].replace("\n", " ").replace(", and for", ", and")


def _addresses() -> dict[str, list[str]]:
    named = {step: name for name, step in steps.every_step()}
    found: dict[str, list[str]] = {}
    for endpoint in endpoints():
        for step in endpoint.steps:
            found.setdefault(named[step], []).append(f"{endpoint.method} {endpoint.path}")
    return found


def _below(scope: Capability) -> Iterator[str]:
    """Yield what a scope lets a token do, by noun."""
    if scope == Capability.READ:
        yield "every GET but `/jobs/`, which needs `administer`"
        return
    mine = [endpoint for endpoint in endpoints() if scope in endpoint.scopes]
    by_noun: dict[str, list[str]] = {}
    for endpoint in mine:
        noun, _, rest = endpoint.path.strip("/").partition("/")
        last = rest.replace("{id}", "").replace("{question}/", "").strip("/")
        by_noun.setdefault(noun, []).append(last or {"POST": "make one", "PATCH": "change one"}[endpoint.method])
    for noun, names in by_noun.items():
        yield f"`{noun}/`: {', '.join(dict.fromkeys(names))}"


def _word(state: Any) -> str:
    return str(getattr(state, "label", state)).lower()


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table as Markdown writes it."""
    heads = list(heads)
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)
