"""Check a captured tools/list, without the register's data."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from inspection.checks import offered, table
from inspection.checks.declared import Result
from inspection.checks.offered import Agent, Neighbour
from vendors.offered import manifest

_GATE, _UNREADABLE = 1, 2


class Command(BaseCommand):
    """Prints what comes of every check as JSON; exits with 1 when one that gates hits, with 2 for no manifest."""

    help = "Check a captured tools/list, beside those of the other servers of its agent."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the files."""
        parser.add_argument("file", type=Path, help="The captured tools/list.")
        parser.add_argument(
            "--beside", type=Path, nargs="*", default=[], help="Those of other servers that the same agent uses."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the results."""
        captured = _read(options["file"])
        others = [Neighbour(str(path), _parts(_read(path))) for path in options["beside"]]
        agents = [Agent("its agent", tuple(others))] if others else []
        found = table.results(offered.subject(captured, captured.tools, captured.offerings, agents))
        report = {
            "version": table.VERSION,
            "manifest_digest": captured.digest,
            "checks": [_written(one) for one in found],
        }
        self.stdout.write(json.dumps(report, indent=2))
        if any(one.hits and one.check.gates for one in found):
            sys.exit(_GATE)


def _read(path: Path) -> manifest.Manifest:
    try:
        return manifest.parse(path.read_bytes())
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.", returncode=_UNREADABLE) from error
    except manifest.ManifestInvalid as invalid:
        raise CommandError(f"{path} is no captured tools/list.\n{invalid}", returncode=_UNREADABLE) from invalid


def _parts(captured: manifest.Manifest) -> tuple[offered.Part, ...]:
    return tuple(offered.part(tool) for tool in captured.tools)


def _written(one: Result) -> dict[str, Any]:
    hits = [
        {"place": hit.place, "path": hit.path, "sentence": hit.sentence, "excerpt": str(hit.excerpt or "")}
        for hit in one.hits
    ]
    check = one.check
    return {
        "id": check.id, "title": check.title, "owasp": check.owasp, "techniques": list(check.techniques),
        "gates": check.gates, "severity": check.severity.word, "outcome": one.outcome.value, "why": one.why,
        "hits": hits,
    }  # fmt: skip
