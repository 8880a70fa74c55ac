"""Turn what the JSON schema of `server.json` objects to into sentences that say what to do."""

from collections.abc import Callable, Iterator
from typing import Any

from jsonschema.exceptions import ValidationError

from vendors import strict_json
from vendors.strict_json import Problem

_TYPES = {
    "object": "an object",
    "array": "a list",
    "string": "a text",
    "boolean": "true or false",
    "number": "a number",
    "integer": "a whole number",
}
_SHAPES = {
    "name": "Write the name as namespace/server in reverse-DNS form, such as io.github.acme/crm.",
    "url": "Give a whole address that starts with https:// and has no spaces.",
    "fileSha256": "Give the SHA-256 as 64 hexadecimal digits in lower case.",
    "sizes": "Write sizes as 48x48, or any.",
}
_LONGEST_VALUE_SHOWN = 60


def problems(error: ValidationError, schema: dict[str, Any]) -> Iterator[Problem]:
    """Yield a problem for each thing that one error of the validator means; alternatives are judged by their `type`."""
    if error.validator == "anyOf":
        yield from _alternatives(error, schema)
    else:
        yield _problem(error)


def _alternatives(error: ValidationError, schema: dict[str, Any]) -> Iterator[Problem]:
    path = _path(error)
    if not isinstance(error.instance, dict):
        yield Problem(path, "Write an object here.")
        return
    branches = _limit(error)
    allowed = [_type_names(branch, schema) for branch in branches]
    if not any(allowed):
        names = " or ".join(name for branch in branches for name in branch.get("required", []))
        yield Problem(path, f"Add {names}.")
        return
    chosen = [index for index, names in enumerate(allowed) if error.instance.get("type") in names]
    if not chosen:
        yield _wrong_type(error.instance, [name for names in allowed for name in names], path)
        return
    for cause in error.context:
        if cause.schema_path[0] == chosen[0]:
            yield from problems(cause, schema)


def _wrong_type(instance: dict[str, Any], allowed: list[str], path: str) -> Problem:
    choice = f"Use one of: {', '.join(allowed)}"
    if "type" not in instance:
        return Problem(f"{path}.type", f"Add the type. {choice}.")
    return Problem(f"{path}.type", f"{choice}; not {_shown(instance['type'])}.")


def _type_names(branch: dict[str, Any], schema: dict[str, Any]) -> list[str]:
    """Return the values that `type` may have in one alternative."""
    if "$ref" in branch:
        return _type_names(schema["definitions"][branch["$ref"].rpartition("/")[2]], schema)
    found = list(branch.get("properties", {}).get("type", {}).get("enum", []))
    return found + [name for part in branch.get("allOf", []) for name in _type_names(part, schema)]


def _problem(error: ValidationError) -> Problem:
    if error.validator == "required":
        missing = error.message.split("'")[1]
        return Problem(strict_json.under(_path(error), missing), "This is required. Add it.")
    say = _SENTENCES.get(str(error.validator))
    return Problem(_path(error), say(error) if say else "The published schema does not allow this value. Correct it.")


def _path(error: ValidationError) -> str:
    path = ""
    for part in error.absolute_path:
        path = f"{path}[{part}]" if isinstance(part, int) else strict_json.under(path, part)
    return path


def _shown(value: object) -> str:
    text = ascii(value) if isinstance(value, str) else _kind(value)
    return text if len(text) <= _LONGEST_VALUE_SHOWN else f"{text[:_LONGEST_VALUE_SHOWN]}…"


def _kind(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    return "a text" if isinstance(value, str) else "a number"


def _limit(error: ValidationError) -> Any:
    """Return what the schema demands in the keyword that failed."""
    return error.validator_value


def _say_type(error: ValidationError) -> str:
    wanted = _TYPES.get(str(_limit(error)), str(_limit(error)))
    return f"Write {wanted} here, not {_kind(error.instance)}."


def _say_enum(error: ValidationError) -> str:
    return f"Use one of: {', '.join(_limit(error))}; not {_shown(error.instance)}."


def _say_pattern(error: ValidationError) -> str:
    fields = [part for part in error.absolute_path if isinstance(part, str)]
    return _SHAPES.get(fields[-1] if fields else "", "The text does not have the form that the schema asks for.")


def _say_too_long(error: ValidationError) -> str:
    return f"The text has {len(str(error.instance))} characters; at most {_limit(error)} are allowed. Shorten it."


def _say_too_short(error: ValidationError) -> str:
    return f"Write at least {_limit(error)} character{'s' if _limit(error) > 1 else ''}."


def _say_not(error: ValidationError) -> str:
    return f"{_shown(error.instance)} pins nothing. Name one version, such as 1.0.2."


_SENTENCES: dict[str, Callable[[ValidationError], str]] = {
    "type": _say_type,
    "enum": _say_enum,
    "pattern": _say_pattern,
    "maxLength": _say_too_long,
    "minLength": _say_too_short,
    "not": _say_not,
}
