"""Find what a server said of itself in whatever somebody captured: one answer, a stream of events, or all messages.

Taken are the bare result of `tools/list` or its tools alone, a JSON-RPC answer around it, the output of
`script/capture_tools`, the files under `demo/servers`, a list or lines of JSON-RPC messages, and the body of an event
stream as the SSE and the Streamable HTTP transports send it, the headers that curl prints before it included.
Of messages the answers are read, pages joined in the order in which they came; what was asked is left out.
"""

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from riskregister import limits
from vendors import strict_json
from vendors.strict_json import DocumentInvalid, Problem

Json = dict[str, Any]

LISTS = ("tools", "prompts", "resources", "resourceTemplates")
# How `script/capture_tools` names what it captured beside the tools.
_JOINED = {
    "prompts": "prompts_list",
    "resources": "resources_list",
    "resourceTemplates": "resource_templates_list",
}
_ABOUT = {
    "instructions": ("instructions",),
    "protocol_version": ("protocol_version", "protocolVersion"),
    "server_info": ("server_info", "serverInfo"),
    "capabilities": ("capabilities", "server_capabilities"),
}
_HTTP = re.compile(r"\A(?:\s*HTTP/\d(?:\.\d)? \d{3}[^\n]*\n(?:[^\n]*:[^\n]*\n)*\r?\n)+")
_STREAM = re.compile(r"^(?:event|data|id|retry|)\s*:", re.MULTILINE)


class ManifestInvalid(DocumentInvalid):
    """The document is no complete, unambiguous list of tools."""


@dataclass
class Capture:
    """The lists as they came over the wire, where in the document each stands, and what the server says of itself.

    `command` is what `script/capture_tools` ran, as it is typed; empty for every other document: a server's own answer
    does not say how it was asked.
    """

    lists: Json
    paths: dict[str, str]
    about: Json = field(default_factory=dict)
    cursors: dict[str, str] = field(default_factory=dict)
    command: str = ""


def read(raw: str | bytes) -> Capture:
    """Return what is in a captured document. Raises ManifestInvalid with the path and a remedy of each problem."""
    try:
        text = strict_json.decode(raw, limit=limits.TOOLS)
        return _read(_HTTP.sub("", text, count=1))
    except strict_json.Unreadable as error:
        raise ManifestInvalid(error.problems) from error


def _read(text: str) -> Capture:
    begins = text.lstrip()[:1]
    if begins not in ("{", "["):
        if _STREAM.search(text) and (events := list(_events(text))):
            return _of_messages([_document(event) for event in events])
        return _of_document(_document(text))
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > 1 and all(line.lstrip().startswith('{"') and line.rstrip().endswith("}") for line in lines):
        return _of_messages([_document(line) for line in lines])
    return _of_document(_document(text))


def _document(text: str) -> Any:
    return strict_json.read(text, limit=limits.TOOLS, longest=limits.TEXT_AS_WRITTEN, entries=limits.ENTRIES)


def _events(text: str) -> Iterator[str]:
    """Yield the data of each event of a stream."""
    for event in re.split(r"\r?\n\r?\n|\r\r", text):
        lines = [line for line in re.split(r"\r\n|\r|\n", event) if line.startswith("data:")]
        data = "\n".join(line.removeprefix("data:").removeprefix(" ") for line in lines)
        if data.strip().startswith(("{", "[")):
            yield data


def _of_document(document: Any) -> Capture:
    if isinstance(document, list) and document:
        if all(isinstance(one, dict) and "jsonrpc" in one for one in document):
            return _of_messages(document)
        return Capture({"tools": document}, {"tools": ""})
    if not isinstance(document, dict):
        _refuse("", 'Paste the whole answer to tools/list; it starts with {"tools": or {"jsonrpc":.')
    if "error" in document and "result" not in document:
        _refuse("error", "This is an error answer of the server. Capture tools/list again.")
    return _of_object(document)


def _of_object(document: Json) -> Capture:
    if isinstance(document.get("result"), dict):
        return _of_result(document["result"], "result", document["result"])
    for path, about in (("captured.tools_list", document.get("captured")), ("tools_list", document)):
        if isinstance(about, dict) and isinstance(about.get("tools_list"), dict):
            return _of_joined(about["tools_list"], path, about)
    if "tools" in document:
        return _of_result(document, "", document)
    raise ManifestInvalid(
        [Problem("", 'No tools found. Give the answer to tools/list, an object with a "tools" array.')]
    )


def _of_result(result: Json, path: str, about: Json) -> Capture:
    found = {key: result.get(key) for key in LISTS if result.get(key) is not None or key == "tools"}
    cursors = {"tools": strict_json.under(path, "nextCursor")} if result.get("nextCursor") else {}
    return Capture(found, {key: strict_json.under(path, key) for key in found}, _about(about), cursors)


def _of_joined(tools: Json, path: str, about: Json) -> Capture:
    """Return a capture as `script/capture_tools` writes it: each list an answer of its own beside the tools."""
    capture = _of_result(tools, path, about)
    capture.command = _command(about.get("command"))
    outer = path.rpartition("tools_list")[0]
    for key, name in _JOINED.items():
        answer = about.get(name)
        if isinstance(answer, dict):
            capture.lists[key] = answer.get(key)
            capture.paths[key] = f"{outer}{name}.{key}"
            if answer.get("nextCursor"):
                capture.cursors[key] = f"{outer}{name}.nextCursor"
    return capture


def _command(words: Any) -> str:
    is_one = isinstance(words, list) and all(isinstance(word, str) for word in words)
    return shlex.join(words) if is_one else ""


def _of_messages(messages: list[Any]) -> Capture:
    capture = Capture({}, {})
    for number, message in enumerate(messages):
        one = message.get("result") if isinstance(message, dict) else None
        if isinstance(one, dict):
            _join(capture, one, f"message[{number}].result")
    if "tools" not in capture.lists:
        errors = [one for one in messages if isinstance(one, dict) and "error" in one]
        reason = "The server answered with an error." if errors else "No message holds tools."
        _refuse("", f"{reason} Capture the answer to tools/list, all its pages.")
    return capture


def _join(capture: Capture, result: Json, path: str) -> None:
    """Add one answer: a further page where the last one had a cursor, else the list as it is now."""
    capture.about |= _about(result)
    for key in LISTS:
        page = result.get(key)
        if page is None:
            continue
        was = capture.lists.get(key)
        goes_on = key in capture.cursors and isinstance(page, list) and isinstance(was, list)
        capture.lists[key] = [*was, *page] if goes_on and was is not None else page
        capture.paths.setdefault(key, key)
        capture.cursors.pop(key, None)
        if result.get("nextCursor"):
            capture.cursors[key] = strict_json.under(path, "nextCursor")


def _about(answer: Json) -> Json:
    found = {
        key: next((answer[name] for name in names if answer.get(name) is not None), None)
        for key, names in _ABOUT.items()
    }
    if isinstance(answer.get("supportedVersions"), list):
        found |= about_itself(answer)
    return {key: value for key, value in found.items() if value is not None}


def about_itself(answer: Mapping[str, Any]) -> Json:
    """Return what an answer to `server/discover` says elsewhere: the newest version, and who answers; None for nothing.

    Whatever else stands in these places counts as nothing.
    """
    versions, meta = answer.get("supportedVersions"), answer.get("_meta")
    named = [one for one in versions if isinstance(one, str)] if isinstance(versions, list) else []
    return {
        "protocol_version": max(named, default=None),
        "server_info": meta.get("io.modelcontextprotocol/serverInfo") if isinstance(meta, dict) else None,
    }


def _refuse(path: str, message: str) -> NoReturn:
    raise ManifestInvalid([Problem(path, message)])
