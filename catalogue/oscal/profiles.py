"""OSCAL profiles: which controls of another catalogue they select. The other catalogue is one that the register has."""

from collections.abc import Mapping
from typing import Any

from catalogue.oscal.documents import Head, OscalRefused, ReadProfile, refuse
from vendors.strict_json import Problem


def read(head: Head, body: Mapping[str, Any]) -> ReadProfile:
    """Return what a profile selects. Raises OscalRefused for one that selects in a way that cannot be followed here."""
    imports = body.get("imports")
    if not isinstance(imports, list) or not imports:
        refuse("profile.imports", "The profile does not say which controls it selects.")
    if len(imports) > 1:
        refuse(
            "profile.imports",
            f"The profile selects from {len(imports)} catalogues. Resolve it first, and import the catalogue that "
            "comes out; nothing is fetched here.",
        )
    only = imports[0] if isinstance(imports[0], dict) else {}
    problems: list[Problem] = []
    selected = _ids(only, "include-controls", problems)
    leaves_out = _ids(only, "exclude-controls", problems)
    takes_all = "include-all" in only or "include-controls" not in only
    if problems:
        raise OscalRefused(problems)
    notes = ("The profile sets parameters and changes texts. The controls keep the words of their framework.",)
    is_changed = isinstance(body.get("modify"), dict) and bool(body["modify"])
    return ReadProfile(
        head, selected, frozenset(leaves_out), takes_all, _source(only, body), notes if is_changed else ()
    )


def _ids(row: Mapping[str, Any], name: str, problems: list[Problem]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    path = f"profile.imports[0].{name}"
    selections = row.get(name, [])
    if not isinstance(selections, list):
        problems.append(Problem(path, "This must be a list."))
        return ()
    for number, selection in enumerate(selections):
        ids = selection.get("with-ids") if isinstance(selection, dict) else None
        if isinstance(selection, dict) and "matching" in selection:
            message = "Patterns cannot be followed. Name the controls by with-ids, or import the resolved catalogue."
            problems.append(Problem(f"{path}[{number}].matching", message))
        elif not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
            problems.append(Problem(f"{path}[{number}].with-ids", "The ids of the controls are missing."))
        else:
            found |= dict.fromkeys(ids)
            if selection.get("with-child-controls") == "yes":
                message = "Enhancements cannot be selected with their control. Name each by its id."
                problems.append(Problem(f"{path}[{number}].with-child-controls", message))
    return tuple(found)


def _source(row: Mapping[str, Any], body: Mapping[str, Any]) -> str:
    """Return where the profile says that the catalogue lies: an address, or what its own resource is called."""
    href = str(row.get("href") or "")
    if not href.startswith("#"):
        return href[:300]
    matter = body.get("back-matter")
    resources = matter.get("resources") if isinstance(matter, dict) else None
    for one in resources if isinstance(resources, list) else ():
        if isinstance(one, dict) and one.get("uuid") == href[1:]:
            return str(one.get("title") or one.get("description") or href)[:300]
    return href[:300]
