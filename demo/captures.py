"""The captured servers: real public facts, read from `demo/servers`."""

import json
import shlex
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

FOLDER = Path(__file__).resolve().parent / "servers"
# Open Source Insights shows what is known of a package in public, by its registry's name.
PACKAGES = "https://deps.dev/{kind}/{name}/{version}"


@dataclass(frozen=True)
class Capture:
    """One captured server; `key` is the name of its file."""

    key: str
    document: dict[str, Any]

    @property
    def vendor(self) -> dict[str, Any]:
        """Return what is publicly known of the vendor: name, and legal entity, website and country where found."""
        known = ("name", "legal_entity", "website", "country")
        return {name: self.document["vendor"][name] for name in known if self.document["vendor"].get(name)}

    @property
    def server_json(self) -> str:
        """Return the registry document as text."""
        return json.dumps(self.document["server_json"])

    @property
    def tools(self) -> str:
        """Return the captured `tools/list` with the server's instructions as text."""
        captured = self.document["captured"]
        instructions = captured.get("instructions")
        return json.dumps(captured["tools_list"] | ({"instructions": instructions} if instructions else {}))

    @property
    def command(self) -> str:
        """Return the command that was run. The day of the real capture stays in the file: the story has its own."""
        return shlex.join(self.document["captured"]["command"])

    @cached_property
    def captured_at(self) -> datetime:
        """Return the moment by which it was captured: the end of the day, which is all that is known."""
        return datetime.combine(date.fromisoformat(self.document["captured_on"]), time(23, 59), tzinfo=UTC)

    @property
    def integrity(self) -> str:
        """Return the package's own digest, as its registry publishes it."""
        return str(self.document["package"]["integrity"])

    @property
    def licence(self) -> str:
        """Return the licence that the package declares."""
        return str(self.document["licence"]["declared"])

    @property
    def repository(self) -> str:
        """Return the address of the source code."""
        return str(self.document["repository"])

    @property
    def package_page(self) -> str:
        """Return an independent public page about the package at this version."""
        package = self.document["package"]
        return PACKAGES.format(
            kind=package["registry_type"], name=quote(package["identifier"], safe=""), version=package["version"]
        )


def load(key: str) -> Capture:
    """Return the capture of this name."""
    return Capture(key, json.loads((FOLDER / f"{key}.json").read_text(encoding="utf-8")))
