"""What an endpoint says of itself in the API's description, where that does not follow from its view."""

from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


def described(**overrides: Any) -> Callable[[F], F]:
    """Note of a method what `drf_spectacular.utils.extend_schema` would take: `api.description.schema` reads it.

    extend_schema itself loads the generator into every process, and with it Django's test client: 4 MB.
    """

    def note(method: F) -> F:
        method.described = overrides  # type: ignore[attr-defined]
        return method

    return note
