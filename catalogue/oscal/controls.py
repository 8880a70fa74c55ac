"""The controls of an OSCAL catalogue: nested groups, enhancements, statements with parameters, and withdrawals."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from catalogue.oscal.documents import (
    LIMIT_CONTROLS,
    LIMIT_DEPTH,
    LIMIT_PARAMETER,
    LIMIT_REF,
    LIMIT_SECTION,
    LIMIT_SUCCESSORS,
    LIMIT_TEXT,
    LIMIT_TITLE,
    ReadControl,
)
from vendors.strict_json import MAX_PROBLEMS, Problem

_ID = re.compile(r"[A-Za-z_][A-Za-z0-9._-]*")
_INSERT = re.compile(r"\{\{\s*insert:\s*param\s*,\s*([^\s}]+)\s*\}\}")
_SUCCESSION = ("incorporated-into", "moved-to")


@dataclass(slots=True)
class Found:
    """What was read so far; a control stands under its id with the place of its first occurrence."""

    rows: list[tuple[Mapping[str, Any], str, str]] = field(default_factory=list)
    places: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    controls: list[ReadControl] = field(default_factory=list)
    params: dict[str, str] = field(default_factory=dict)
    outside: int = 0

    def say(self, path: str, message: str) -> None:
        """Keep a fault; those beyond the first fifty are not worth their time."""
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(path, message))


def read(catalog: Mapping[str, Any]) -> Found:
    """Return the controls of a catalogue, or the faults that were found."""
    found = Found()
    _walk(found, catalog, "catalog", sections=(), parent="", depth=0)
    if not found.rows and not found.problems:
        found.say("catalog", "There is no control in the catalog.")
    if len(found.rows) > LIMIT_CONTROLS:
        found.say("catalog", f"There are {len(found.rows)} controls; at most {LIMIT_CONTROLS} are taken.")
    if not found.problems:
        refs = {row["id"]: _ref(row) for row, _section, _parent in found.rows}
        _refuse_refs_twice(found, refs)
        found.controls = [_control(found, row, section, parent, refs) for row, section, parent in found.rows]
    if found.outside:
        were = "link leads" if found.outside == 1 else "links lead"
        found.notes.append(f"{found.outside} {were} out of the file. Nothing was fetched.")
    return found


def _walk(
    found: Found, node: Mapping[str, Any], path: str, *, sections: tuple[str, ...], parent: str, depth: int
) -> None:
    """Gather the controls of a catalogue, group or control in their order."""
    if depth > LIMIT_DEPTH:
        found.say(path, f"Groups and controls are nested more than {LIMIT_DEPTH} deep.")
        return
    _gather_params(found, node)
    for at, control in _objects(found, node, "controls", path):
        if _add(found, control, at, sections, parent):
            title = " ".join(control["title"].split())
            _walk(found, control, at, sections=sections, parent=title, depth=depth + 1)
    for at, group in _objects(found, node, "groups", path):
        heading = group.get("title")
        if not isinstance(heading, str) or not heading.strip():
            found.say(f"{at}.title", "The group needs a title.")
        elif len(heading) > LIMIT_TITLE:
            found.say(f"{at}.title", f"The title has {len(heading)} characters; at most {LIMIT_TITLE} are kept.")
        else:
            _walk(found, group, at, sections=(*sections, " ".join(heading.split())), parent="", depth=depth + 1)


def _objects(found: Found, node: Mapping[str, Any], name: str, path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    rows = node.get(name, [])
    if not isinstance(rows, list):
        found.say(f"{path}.{name}", "This must be a list.")
        return
    for number, row in enumerate(rows):
        at = f"{path}.{name}[{number}]"
        if isinstance(row, dict):
            yield at, row
        else:
            found.say(at, "This must be an object.")


def _add(found: Found, control: Mapping[str, Any], path: str, sections: tuple[str, ...], parent: str) -> bool:
    """Keep a control and return True, or say what is wrong with it."""
    key, title = control.get("id"), control.get("title")
    if not isinstance(key, str) or not _ID.fullmatch(key):
        found.say(f"{path}.id", "The control needs an id of letters, digits, dots, hyphens and underscores.")
        return False
    if key in found.places:
        found.say(f"{path}.id", f"{key} is the id of {found.places[key]} too. An id stands once in a catalog.")
        return False
    found.places[key] = path
    if not isinstance(title, str) or not title.strip():
        found.say(f"{path}.title", f"{key} needs a title.")
        return False
    if len(title) > LIMIT_TITLE:
        found.say(f"{path}.title", f"The title has {len(title)} characters; at most {LIMIT_TITLE} are kept.")
        return False
    if len(_ref(control)) > LIMIT_REF:
        found.say(path, f"{_ref(control)[:60]} has {len(_ref(control))} characters; at most {LIMIT_REF} are kept.")
        return False
    found.rows.append((control, " / ".join(sections)[:LIMIT_SECTION], parent))
    return True


def _refuse_refs_twice(found: Found, refs: Mapping[str, str]) -> None:
    first: dict[str, str] = {}
    for key, ref in refs.items():
        if ref in first:
            found.say(found.places[key], f"Its label {ref} is that of {first[ref]} too. A label stands once.")
        first.setdefault(ref, key)


def _control(found: Found, row: Mapping[str, Any], section: str, parent: str, refs: Mapping[str, str]) -> ReadControl:
    title = " ".join(row["title"].split())
    whole = f"{parent} | {title}" if parent else title
    text = _text(found, row)
    if len(text) > LIMIT_TEXT:
        found.notes.append(f"The text of {refs[row['id']]} is cut after {LIMIT_TEXT} characters.")
    return ReadControl(
        id=row["id"],
        ref=refs[row["id"]],
        title=whole if len(whole) <= LIMIT_TITLE else title,
        section=section,
        requirement=text[:LIMIT_TEXT],
        is_withdrawn=any(one.lower() == "withdrawn" for one in _props(row, "status")),
        superseded_by=_successors(found, row, refs),
    )


def _successors(found: Found, row: Mapping[str, Any], refs: Mapping[str, str]) -> tuple[str, ...]:
    """Return the references of what took the place of a control; count the links that lead out of the file."""
    named: dict[str, None] = {}
    for link in _list(row, "links"):
        href = link.get("href")
        if not isinstance(href, str):
            continue
        if not href.startswith("#"):
            found.outside += 1
        elif link.get("rel") in _SUCCESSION:
            target = href[1:]
            # A part of a control, "ac-2_smt.k", stands for it.
            ref = refs.get(target) or refs.get(target.partition("_")[0])
            named |= {ref: None} if ref else {}
    kept: list[str] = []
    for ref in named:
        if len(", ".join([*kept, ref])) > LIMIT_SUCCESSORS:
            break
        kept.append(ref)
    return tuple(kept)


def _ref(control: Mapping[str, Any]) -> str:
    """Return the label that people call the control by, or its id."""
    plain = [one for one in _props(control, "label", plain=True) if one.strip()]
    return " ".join((plain or [one for one in _props(control, "label") if one.strip()] or [control["id"]])[0].split())


def _props(row: Mapping[str, Any], name: str, *, plain: bool = False) -> list[str]:
    rows = [one for one in _list(row, "props") if one.get("name") == name and isinstance(one.get("value"), str)]
    return [one["value"] for one in rows if not plain or "class" not in one]


def _text(found: Found, row: Mapping[str, Any]) -> str:
    """Return what a control asks for; of one that is longer than what is kept, no more than shows that it is."""
    lines, length = [], 0
    for line in _prose(found, row):
        lines.append(line)
        length += len(line) + 1
        if length > LIMIT_TEXT + 1:
            break
    return "\n".join(lines).strip()


def _prose(found: Found, row: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of the statement of a control, with its parameters in words; guidance is left at the source."""
    for part in _list(row, "parts"):
        if part.get("name") in ("statement", "overview"):
            yield from _lines(found, part, depth=0)


def _lines(found: Found, part: Mapping[str, Any], *, depth: int) -> Iterator[str]:
    label = next(iter(_props(part, "label", plain=True)), "")
    prose = part.get("prose")
    if isinstance(prose, str) and prose.strip():
        # Cut before it is filled in: what is in its parameters may be put into it any number of times.
        text = _INSERT.sub(lambda match: f"[{found.params.get(match[1], match[1])}]", prose.strip()[: LIMIT_TEXT + 1])
        yield f"{label} {text}".strip()
    elif label:
        yield label
    for one in _list(part, "parts") if depth < LIMIT_DEPTH else ():
        if one.get("name") == "item":
            yield from _lines(found, one, depth=depth + 1)


def _gather_params(found: Found, node: Mapping[str, Any]) -> None:
    for param in _list(node, "params"):
        if isinstance(param.get("id"), str):
            found.params[param["id"]] = _param(param)[:LIMIT_PARAMETER]


def _param(param: Mapping[str, Any]) -> str:
    """Return in words what is to be filled in: a value, the label, or the choices."""
    values, select = param.get("values"), param.get("select")
    if isinstance(values, list) and values:
        return ", ".join(str(one) for one in values)
    if isinstance(select, dict) and isinstance(select.get("choice"), list):
        return " or ".join(_INSERT.sub("…", str(one)) for one in select["choice"])
    return str(param.get("label") or param["id"])


def _list(row: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    rows = row.get(name)
    return [one for one in rows if isinstance(one, dict)] if isinstance(rows, list) else []
