"""The files of the catalogue: YAML, held to the shapes in `data/schema.json`."""

import csv
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

FOLDER = Path(__file__).parent / "data"
# The columns of a table of controls; an empty status is that of one in force.
TABLE = ("ref", "title", "status", "superseded_by", "note")
SCHEMA = FOLDER / "schema.json"


class CatalogueError(Exception):
    """The catalogue's files contradict their rules; `problems` holds one sentence for each place."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


# libyaml's parser reads the catalogue in a tenth of the time; a build without it has the same loader in Python.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _UniqueKeyLoader(_Loader):  # type: ignore[misc]
    """PyYAML keeps the last of two equal keys in silence; here the second is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 (PyYAML's signature)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        if len(mapping) < len(node.value):
            raise yaml.constructor.ConstructorError(
                "while reading a mapping", node.start_mark, "a key occurs twice", node.start_mark
            )
        return mapping


def read(path: Path, kind: str, *, schema: Path = SCHEMA) -> dict[str, Any]:
    """Return what a file of this kind says. Raises CatalogueError where it is missing, no YAML or of another shape.

    `schema` is the file that says the shapes of the kinds; other rooms have their own.
    """
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), _UniqueKeyLoader)  # noqa: S506 (a SafeLoader)
    except FileNotFoundError as error:
        raise CatalogueError([f"{path.name}: the file is missing from {path.parent}"]) from error
    except yaml.YAMLError as error:
        raise CatalogueError([f"{path.name}: {error}"]) from error
    problems = [f"{path.name}: {sentence}" for sentence in _shape_problems(data, kind, schema)]
    if problems:
        raise CatalogueError(problems)
    return dict(data)


def _shape_problems(data: object, kind: str, schema: Path) -> Iterator[str]:
    validator = Draft202012Validator({"$ref": f"#/$defs/{kind}", "$defs": _definitions(schema)})
    for error in sorted(validator.iter_errors(data), key=lambda error: list(map(str, error.absolute_path))):
        yield f"{error.json_path.removeprefix('$').lstrip('.') or 'the file'}: {error.message}"


@cache
def _definitions(schema: Path) -> dict[str, Any]:
    definitions: dict[str, Any] = json.loads(schema.read_text(encoding="utf-8"))["$defs"]
    return definitions


def read_controls(directory: Path) -> dict[str, Any]:
    """Return what `controls.yaml` says, with the controls of each revision that stand in a table of their own.

    Raises CatalogueError as `read` does, and for a table with other columns.
    """
    data = read(directory / "controls.yaml", "controls")
    for framework in data["frameworks"]:
        for revision in framework["revisions"]:
            if name := revision.pop("controls_in", ""):
                revision["controls"] = list(_table(directory / name))
    return data


def _table(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the controls of a table; an enhancement, "AC-2(1)", is called by its control, as NIST does."""
    try:
        rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    except FileNotFoundError as error:
        raise CatalogueError([f"{path.name}: the file is missing from {path.parent}"]) from error
    if not rows or tuple(rows[0]) != TABLE:
        raise CatalogueError([f"{path.name}: the columns are {', '.join(TABLE)}"])
    titles = {row["ref"]: row["title"] for row in rows}
    for row in rows:
        parent = row["ref"].partition("(")[0]
        title = row["title"] if parent == row["ref"] else f"{titles[parent]} | {row['title']}"
        row_values = {"ref": row["ref"], "title": title, "superseded_by": row["superseded_by"].split()}
        yield row_values | {"status": row["status"] or "active", "note": row["note"]}


def read_sets(directory: Path) -> list[dict[str, Any]]:
    """Return what the files of each question set say, the oldest set first. Raises CatalogueError as `read` does."""
    return [_read_set(path) for path in sorted(directory.glob("question-set-*"), key=_set_number)]


def read_vendor_sets(directory: Path) -> list[dict[str, Any]]:
    """Return the same of the question sets about vendors."""
    found = sorted(directory.glob("vendor-question-set-*"), key=_set_number)
    return [_read_set(path, kind="vendor_dimension_file") for path in found]


def _set_number(path: Path) -> int:
    number = path.name.removeprefix("vendor-").removeprefix("question-set-")
    if not number.isdecimal():
        raise CatalogueError([f"{path.name}: the name ends in the version number, as in question-set-1"])
    return int(number)


def _read_set(path: Path, kind: str = "dimension_file") -> dict[str, Any]:
    data = read(path / "set.yaml", "set")
    if data["version"] != _set_number(path):
        raise CatalogueError([f"{path.name}/set.yaml: version {data['version']} does not match the directory's name"])
    files = {key: read(path / f"{key}.yaml", kind) for key in data["dimensions"]}
    return data | {"dimensions": files}
