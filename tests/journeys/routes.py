"""Every route of the product as the URL resolver knows it, and an address of each with the rows of the estate."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from riskregister import nouns

# Who may do what at each route; a route that is missing fails in test_access_matrix.py.
TABLE: dict[str, dict[str, str | list[str]]] = yaml.safe_load(Path(__file__).with_name("access.yaml").read_text())
# First folder of the address -> what its <pk> is the key of: most folders are called after a noun.
OBJECTS = {noun.plural.replace(" ", "-"): re.sub("[ -]", "_", noun.word) for noun in nouns.cards()} | {
    "ratings": "server", "trail": "event", "inbox": "alert", "mail": "delivery", "go": "server", "fields": "server",
    "account": "token", "pipelines": "server", "gap-to-tier": "deployment", "tier-gaps": "deployment",
}  # fmt: skip
WORDS = {"key": "provenance", "kind": "server", "to": "active", "position": 1, "uid": "x", "token": "x",
    "name": "vscode-policy", "form": "cyclonedx", "host": "github", "artefact": "squid",
    "certificate_kind": "iso_27001",
}  # fmt: skip
# A final assessment is what these are about.
ABOUT_FINAL = {"web:report-request-assessment", "api:assessment-snapshot"}
# A link is what these are about, and a link of which a copy is kept.
ABOUT_LINK = {"web:evidence-keep-copy", "api:evidence-keep-copy"}
ABOUT_COPY = {"web:evidence-copy", "api:evidence-copy"}
# A server that something hits is what these are about.
ABOUT_HIT = {"web:server-vex", "api:server-openvex", "api:server-cyclonedx-vex"}


@dataclass(frozen=True, slots=True)
class Route:
    """A name with its pattern, such as `web:server-edit` and `servers/<uuid:pk>/edit/`."""

    name: str
    pattern: str

    @property
    def is_api(self) -> bool:
        """Return whether it belongs to the REST API."""
        return self.name.startswith("api:")

    @property
    def arguments(self) -> list[str]:
        """Return the names of the parts of the address that vary."""
        return re.findall(r"<(?:\w+:)?(\w+)>", self.pattern)

    @property
    def object(self) -> str:
        """Return what its <pk> is the key of."""
        if self.name in ABOUT_LINK | ABOUT_COPY:
            return "link" if self.name in ABOUT_LINK else "kept_link"
        if self.name in ABOUT_HIT:
            return "hit_server"
        folder = self.pattern.removeprefix("api/v1/").partition("/")[0]
        return "final" if self.name in ABOUT_FINAL else OBJECTS[folder]


def routes() -> list[Route]:
    """Return all routes that have a name."""
    return list(_leaves(get_resolver(), "", ""))


def address(route: Route, keys: Mapping[str, Any], **other: Any) -> str:
    """Return the route's address with these keys; `other` replaces parts of it."""
    known = {name: _value(route, name, keys) for name in route.arguments}
    return reverse(route.name, kwargs=known | other)


def _value(route: Route, name: str, keys: Mapping[str, Any]) -> Any:
    if name == "pk":
        return keys[route.object]
    return WORDS.get(name, keys.get(name))


def _leaves(resolver: URLResolver, before: str, space: str) -> Iterator[Route]:
    for entry in resolver.url_patterns:
        here = before + str(entry.pattern)
        if isinstance(entry, URLPattern):
            if entry.name:
                yield Route(f"{space}:{entry.name}", here)
        else:
            yield from _leaves(entry, here, entry.namespace or space)
