"""Loaded before the settings: what a test process sees of its surroundings is made here and nowhere else.

Every declared variable is taken away, so that a developer's own DATABASE_URL is never touched. TEST_DATABASE_URL and
TEST_REDIS_URL name throw-away servers (`python -m tests.machines` starts them); without them the engine is SQLite and
the queue is embedded.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from riskregister import variables

_ROOT = "RISKREGISTER_TEST_ROOT"  # script/test gives its phases one; pytest alone makes one for itself and its workers.
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
# Whether campaigns go to their end (script/test --long): all days of the moved clock, every kill of the plans.
LONG = bool(os.environ.get("RISKREGISTER_TEST_LONG"))


def _root() -> Path:
    if _ROOT not in os.environ:
        os.environ[_ROOT] = tempfile.mkdtemp(prefix="riskregister-test-")
        atexit.register(shutil.rmtree, os.environ[_ROOT], ignore_errors=True)
    return Path(os.environ[_ROOT])


def _redis_url() -> str:
    """Return the address of a Redis database that no other test process uses."""
    url = os.environ.get("TEST_REDIS_URL", "")
    number = int(WORKER.removeprefix("gw")) + 1 if WORKER.startswith("gw") else 0
    return f"{url}/{number}" if url else ""


def prepare() -> Path:
    """Set the variables of this test process; return its data folder."""
    # Of its own also where phases share the root: what one left is no other's business.
    folder = ROOT / f"{os.environ.get('RISKREGISTER_TEST_PHASE', 'alone')}-{WORKER}"
    folder.mkdir(exist_ok=True)
    for name in variables.VARIABLES:
        os.environ.pop(name, None)
    os.environ["RISKREGISTER_DATA_DIR"] = str(folder)
    os.environ["SECRET_KEY"] = "only for tests, where nothing outlives the run: " + "0123456789"
    os.environ["RISKREGISTER_LOG_LEVEL"] = "WARNING"
    # Most tests name questions and options of the first set; what is new in the second is tried with that one.
    os.environ["RISKREGISTER_QUESTION_SET"] = "1"
    os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL", "")
    os.environ["REDIS_URL"] = _redis_url()
    return folder


ROOT = _root()
DATA_DIR = prepare()
