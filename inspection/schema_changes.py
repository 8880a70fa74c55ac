"""Whether a tool's input schema takes more than before. Pure; it compares, and knows no vendor's words."""

from collections.abc import Mapping
from typing import Any

from riskregister import canonical

# What only explains; a change of it is one of wording.
_WORDS = frozenset({"title", "description", "examples", "example", "$comment", "default", "deprecated"})
_AT_MOST = frozenset({"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"})
_AT_LEAST = frozenset({"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"})
# What holds schemas or values by names of its own, where "title" or "default" may be one.
_BY_NAME = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})
_VALUES = frozenset({"enum", "const", "required", "type"})


def bare(schema: Any) -> Any:
    """Return the schema without its explaining words."""
    if isinstance(schema, list):
        return [bare(one) for one in schema]
    if not isinstance(schema, Mapping):
        return schema
    return {key: _bare_member(key, value) for key, value in schema.items() if key not in _WORDS}


def is_widened(before: Any, after: Any) -> bool:
    """Return whether the second schema may take what the first did not. What cannot be told counts as wider."""
    was, now = bare(before), bare(after)
    return not _is_within(was, now)


def _bare_member(key: str, value: Any) -> Any:
    if key in _VALUES:
        return value
    if key in _BY_NAME and isinstance(value, Mapping):
        return {name: bare(one) for name, one in value.items()}
    return bare(value)


def _is_within(was: Any, now: Any) -> bool:
    """Return whether the schema `now` is the same as `was`, or narrower in a way that is understood."""
    if _is_same(was, now):
        return True
    if not (isinstance(was, Mapping) and isinstance(now, Mapping)):
        return now is False
    if was.get("properties") and not _keeps_its_properties(was, now):
        return False
    return all(_member_is_within(key, was.get(key), now.get(key), has=key in now) for key in was.keys() | now.keys())


def _keeps_its_properties(was: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Return whether no property is gone; of a schema that takes no others one may be."""
    if now.get("additionalProperties") is False and not now.get("patternProperties"):
        return True
    before, after = was["properties"], now.get("properties")
    return isinstance(before, Mapping) and isinstance(after, Mapping) and before.keys() <= after.keys()


def _member_is_within(key: str, was: Any, now: Any, *, has: bool) -> bool:
    if _is_same(was, now):
        return True
    if key == "properties":
        return _properties_are_within(was, now)
    if key == "required":
        return _has_all(_values(now or []), _values(was or []))
    if key == "enum":
        return has and (_has_all(_values(was), _values(now)) or (was is None and isinstance(now, list)))
    if key in ("additionalProperties", "unevaluatedProperties"):
        return has and now is False
    if key in _AT_MOST | _AT_LEAST:
        return has and _bound_is_within(key, was, now)
    return key == "items" and has and was is not None and _is_within(was, now)


def _properties_are_within(was: Any, now: Any) -> bool:
    if not (isinstance(was, Mapping) and isinstance(now, Mapping)):
        return False
    return all(name in was and _is_within(was[name], schema) for name, schema in now.items())


def _values(listed: Any) -> frozenset[str] | None:
    """Return the values of a list as texts of which none is equal to another's, None for what is no list."""
    return frozenset(canonical.jcs(one) for one in listed) if isinstance(listed, list) else None


def _has_all(all_of_them: frozenset[str] | None, some: frozenset[str] | None) -> bool:
    # Sets: a vendor may list as many values as fit in an answer.
    return all_of_them is not None and some is not None and some <= all_of_them


def _bound_is_within(key: str, was: Any, now: Any) -> bool:
    if not _is_number(now) or not (was is None or _is_number(was)):
        return False
    return was is None or bool(now <= was if key in _AT_MOST else now >= was)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_same(was: Any, now: Any) -> bool:
    # 1 and true are two values in JSON, and one in Python.
    return bool(was == now) and canonical.jcs(was) == canonical.jcs(now)
