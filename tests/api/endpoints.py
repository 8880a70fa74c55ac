"""Every endpoint of the API that changes something, as the URL resolver knows it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import get_resolver

from accounts.steps import Step
from api import steps

WRITING = ("post", "patch", "put", "delete")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A method at an address, such as `POST` at `/findings/{id}/close/`, and the view as it would answer."""

    name: str
    method: str
    path: str
    view: Any

    @property
    def steps(self) -> tuple[Step[Any, Any], ...]:
        """Return the steps that it takes one of."""
        return steps.taken(self.view, self.method)

    @property
    def scopes(self) -> tuple[str, ...]:
        """Return the scopes of which a token needs one."""
        return steps.needed(self.view, self.method)


def endpoints() -> Iterator[Endpoint]:
    """Yield them in the order of the routes."""
    api: Any = next(one for one in get_resolver().url_patterns if getattr(one, "app_name", "") == "api")
    for pattern in _leaves(api.url_patterns):
        callback = pattern.callback
        for method, action in (getattr(callback, "actions", None) or {}).items():
            if method in WRITING:
                view = callback.cls(**callback.initkwargs)
                view.action = action
                yield Endpoint(pattern.name, method.upper(), _path(str(pattern.pattern)), view)


def _leaves(patterns: Any) -> Iterator[Any]:
    for pattern in patterns:
        yield from _leaves(pattern.url_patterns) if hasattr(pattern, "url_patterns") else [pattern]


def _path(pattern: str) -> str:
    named = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: "{id}" if found[1] == "pk" else f"{{{found[1]}}}", pattern)
    return f"/{named}"
