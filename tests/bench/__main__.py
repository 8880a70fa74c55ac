"""Measures a full register on a throw-away PostgreSQL; see docs/performance.md and script/bench."""

import os
import secrets
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence

from riskregister.variables import VARIABLES
from tests import machines

PURE = {"--checks": "tests.bench.checks"}
MEASURED = {
    "--seal": "tests.bench.sealed",
    "--decisions": "tests.bench.decisions",
    "--looks": "tests.bench.looks",
    "--discovery": "tests.bench.discovering",
    "--advisories": "tests.bench.ingesting",
    "--composition": "tests.bench.composing",
    "--governance": "tests.bench.governing",
}


def main(arguments: Sequence[str]) -> int:
    """Run tests.bench.run, or what MEASURED names, as an installation with a PostgreSQL that keeps commits.

    What PURE names needs no installation.
    """
    if module := next((module for word, module in PURE.items() if word in arguments), None):
        rest = [one for one in arguments if one not in PURE]
        return subprocess.run([sys.executable, "-m", module, *rest], check=False).returncode
    module = next((module for word, module in MEASURED.items() if word in arguments), "tests.bench.run")
    asked = [one for one in arguments if one not in MEASURED]
    kept = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    with machines.postgres(settings=machines.DURABLE) as database, tempfile.TemporaryDirectory() as folder:
        variables = {
            "DATABASE_URL": database.url, "RISKREGISTER_DATA_DIR": folder, "SECRET_KEY": secrets.token_hex(32),
            "RISKREGISTER_LOG_LEVEL": "WARNING", "DJANGO_SETTINGS_MODULE": "riskregister.settings",
        }  # fmt: skip
        command = [sys.executable, "-m", module, "--database", database.version, *asked]
        return subprocess.run(command, env={**kept, **variables}, check=False).returncode


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    sys.exit(main(sys.argv[1:]))
