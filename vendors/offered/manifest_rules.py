"""What makes a captured list of tools unusable. Pure."""

from collections.abc import Iterator
from typing import Any

from riskregister import limits, unseen
from vendors.offered import offerings
from vendors.offered.captures import Capture
from vendors.strict_json import Problem

MAX_TOOLS = limits.ENTRIES
MAX_NAME = 200
MAX_TITLE = 500
MAX_TEXT = 100_000

HINTS = ("readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint")


def problems(capture: Capture) -> Iterator[Problem]:
    """Yield what is wrong with a capture: tools, what is offered beside them, and what the server says of itself."""
    yield from _list_problems(capture)
    yield from offerings.problems(capture)
    yield from _about_problems(capture.about)


def _list_problems(capture: Capture) -> Iterator[Problem]:
    path, tools = capture.paths["tools"], capture.lists["tools"]
    for cursor in capture.cursors.values():
        yield Problem(cursor, "The list goes on (nextCursor). Capture all pages and join their tools.")
    if not isinstance(tools, list):
        yield Problem(path, "Give an array of tools.")
    elif len(tools) > MAX_TOOLS:
        yield Problem(path, f"The list has {len(tools)} tools; at most {MAX_TOOLS} can be imported.")
    else:
        yield from _all_tool_problems(tools, path)


def _all_tool_problems(tools: list[Any], path: str) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for index, tool in enumerate(tools):
        here = f"{path}[{index}]"
        if not isinstance(tool, dict):
            yield Problem(here, "A tool is an object with a name and an inputSchema.")
            continue
        yield from _tool_problems(tool, here)
        name = tool.get("name")
        if isinstance(name, str) and first.setdefault(name, index) != index:
            yield Problem(
                f"{here}.name", f"{name[:MAX_NAME]!a} is also the name of tool {first[name]}. Names are unique."
            )


def _tool_problems(tool: dict[str, Any], here: str) -> Iterator[Problem]:
    yield from _name_problems(tool.get("name"), f"{here}.name")
    yield from _text_problems(tool.get("title"), f"{here}.title", MAX_TITLE)
    yield from _text_problems(tool.get("description"), f"{here}.description", MAX_TEXT)
    if not isinstance(tool.get("inputSchema"), dict):
        yield Problem(f"{here}.inputSchema", 'Give a JSON schema as an object; {"type": "object"} for no parameters.')
    if not isinstance(tool.get("outputSchema"), dict | None):
        yield Problem(f"{here}.outputSchema", "Give a JSON schema as an object, or leave it out.")
    yield from _annotation_problems(tool.get("annotations"), f"{here}.annotations")


def _name_problems(name: Any, path: str) -> Iterator[Problem]:
    if not isinstance(name, str) or not name:
        yield Problem(path, "Give the tool a name.")
    elif len(name) > MAX_NAME:
        yield Problem(path, f"The name has {len(name)} characters; at most {MAX_NAME} are allowed.")
    elif hidden := unseen.first_in_name(name):
        yield Problem(path, f"The name holds an invisible character ({hidden}). Ask the vendor why.")
    elif name != name.strip():
        yield Problem(path, "The name starts or ends with a space. Remove it.")


def _text_problems(text: Any, path: str, limit: int) -> Iterator[Problem]:
    # Invisible characters are let through here: they are what an analyst must see, and the pin must cover them.
    if not isinstance(text, str | None):
        yield Problem(path, "Give a text, or leave it out.")
    elif text and len(text) > limit:
        yield Problem(path, f"The text has {len(text)} characters; at most {limit} are allowed.")


def _annotation_problems(annotations: Any, path: str) -> Iterator[Problem]:
    if not isinstance(annotations, dict | None):
        yield Problem(path, "Give an object, or leave it out.")
        return
    yield from _text_problems((annotations or {}).get("title"), f"{path}.title", MAX_TITLE)
    for hint in HINTS:
        if not isinstance((annotations or {}).get(hint), bool | None):
            yield Problem(f"{path}.{hint}", "Give true or false, or leave it out.")


def _about_problems(about: dict[str, Any]) -> Iterator[Problem]:
    yield from _text_problems(about.get("instructions"), "instructions", MAX_TEXT)
    yield from _text_problems(about.get("protocol_version"), "protocol_version", MAX_NAME)
    info = about.get("server_info")
    if not isinstance(info, dict | None):
        yield Problem("server_info", "Give an object, or leave it out.")
        return
    for key in ("name", "version"):
        yield from _text_problems((info or {}).get(key), f"server_info.{key}", MAX_TITLE)
    if not isinstance(about.get("capabilities"), dict | None):
        yield Problem("capabilities", "Give an object, or leave it out.")
