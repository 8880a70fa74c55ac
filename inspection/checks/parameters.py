"""Parameters by which a tool asks for what no model should hand out: credentials, and what the model itself knows.

Pure. Names are compared without case and separators, and whole: `token_count` and `page_token` ask for no credential.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from inspection.checks.declared import Hit
from inspection.checks.offered import Part, Subject
from riskregister.plurals import counted
from vendors.tools import tool_reading

_DEEPEST = 8

_SECRET = re.compile(
    r"(?:(?:user|admin|root|db|database|account|current|old|login|sudo|master)?(?:password|passwd|passphrase)|pwd"
    r"|(?:\w{0,20})?(?:apikey|apisecret|secretkey|secretaccesskey|privatekey|sshkey|accesstoken|authtoken"
    r"|bearertoken|refreshtoken|sessiontoken|apitoken|personalaccesstoken|clientsecret|seedphrase|mnemonic"
    r"|recoveryphrase)|credentials?|usercredentials?|awscredentials?|authorizationheader|sessioncookies?|onetimepassword"
    r"|otpcode|mfacode|cvv|creditcardnumber|cardnumber)"
)
# Whoever sets or makes a credential is given one: a password to come is no password that is asked for.
_SETS = re.compile(r"(?:new|next|desired|initial|temporary)")
_GIVES = frozenset(
    (
        "create",
        "add",
        "set",
        "update",
        "edit",
        "change",
        "reset",
        "register",
        "invite",
        "rotate",
        "store",
        "save",
        "put",
    )
)
_HOLDERS = frozenset(
    ("user", "users", "account", "accounts", "member", "password", "passwords", "secret", "secrets", "credential")
)
_ARGUMENTS = re.compile(r"^[ \t]*(?:Args|Arguments|Parameters)[ \t]*:[ \t]*$", re.MULTILINE)
_ARGUMENT = re.compile(r"^[ \t]+[-*]?[ \t]*(\w{1,80})[ \t]*(?:\([^()\n]{0,80}\))?[ \t]*:[ \t]*(.{0,400})", re.MULTILINE)
_EXPLAINED = 8000
_OF_THE_MODEL = re.compile(
    r"(?:system|developer|hidden)(?:prompt|message|instructions?)"
    r"|(?:full|entire|whole|complete|previous|prior|past)?(?:conversation|chat|dialogu?e|message)(?:history|transcript|log)"
    r"|(?:full|entire|whole|complete)(?:conversation|chat|context|prompt)|previousmessages|contextwindow"
    r"|chainofthought|reasoningtrace|scratchpad|(?:llm|ai|calling|current|your)(?:llm|ai)?model(?:name|id|version)?"
    r"|(?:available|other|known|all)tools(?:list|names)?|toolslist|listoftools"
)
_ABOUT_THE_CALLER = re.compile(
    r"\b(?:llm|ai|language)[ -]?model (?:name )?(?:that|which|who) (?:is )?(?:call|us|invok|mak)\w+"
    r"|\b(?:your|the model'?s|the assistant'?s) (?:system prompt|chain of thought|internal reasoning|context window)"
    r"|\b(?:entire|full|complete|whole) (?:conversation|chat|message) (?:history|so far|transcript|log)\b",
    re.IGNORECASE,
)


def secrets(subject: Subject) -> Iterator[Hit]:
    """Yield each name of a parameter that asks for a credential once, with the tools that have it."""
    asking: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for tool in subject.tools:
        for path, _schema in parameters(tool):
            name = _bare(path)
            if _SECRET.fullmatch(name) and not _SETS.match(name) and not _keeps_one(tool):
                asking[name].append((tool.name, path))
    for tools in asking.values():
        (first, path), more = tools[0], len(tools) - 1
        also = f", as {counted(more, 'other tool')} do" if more else ""
        yield Hit(first, path, f"asks the model for {path.rpartition('.')[2]}{also}")


def _keeps_one(tool: Part) -> bool:
    """Return whether the tool is there to give somebody a credential, as the one that makes a user is."""
    words = set(tool_reading.words_of(tool.name))
    return bool(words & _GIVES) and not words.isdisjoint(_HOLDERS)


def of_the_model(subject: Subject) -> Iterator[Hit]:
    """Yield each parameter that asks for what the model knows of itself or of the conversation."""
    for tool in subject.tools:
        for path, schema in parameters(tool):
            words = schema.get("description")
            asked = isinstance(words, str) and _ABOUT_THE_CALLER.search(words)
            if asked or _OF_THE_MODEL.fullmatch(_bare(path)):
                yield Hit(tool.name, path, f"asks the model for {path.rpartition('.')[2]}")


def parameters(tool: Part) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the path and the schema of each parameter, of those within parameters too, and of those described only."""
    yield from _within(tool.document.get("inputSchema"), "inputSchema", depth=0)
    # Where a function's documentation is the description, its parameters are explained there.
    if begins := _ARGUMENTS.search(tool.description):
        for line in _ARGUMENT.finditer(tool.description, begins.end(), begins.end() + _EXPLAINED):
            if line[1] not in tool.parameters:
                yield f"description.{line[1]}", {"description": line[2]}
            elif not _described(tool.parameters[line[1]]):
                yield f"inputSchema.{line[1]}", {"description": line[2]}


def _within(schema: Any, path: str, *, depth: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if not isinstance(schema, Mapping) or depth > _DEEPEST:
        return
    properties = schema.get("properties")
    for name, one in properties.items() if isinstance(properties, Mapping) else ():
        inner = f"{path}.{name}"
        yield inner, one if isinstance(one, Mapping) else {}
        yield from _within(one, inner, depth=depth + 1)
    yield from _within(schema.get("items"), path, depth=depth + 1)


def _described(schema: Any) -> bool:
    return isinstance(schema, Mapping) and bool(schema.get("description"))


def _bare(path: str) -> str:
    return re.sub(r"[^a-z0-9]", "", path.rpartition(".")[2].lower())
