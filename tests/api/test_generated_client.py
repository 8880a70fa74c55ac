"""A client that a program makes from the description reads every list, row by row, as the register sends it."""

import importlib
import json
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from api.description import schema
from tests import descriptions
from tests.api.caller import Caller, frozen
from tests.journeys import built, estate

pytestmark = pytest.mark.slow

# Downloads are bytes, whatever their media type; `docs/api.md` shows the same lines.
CONFIGURATION = """
content_type_overrides:
  application/pdf: application/octet-stream
  "*/*": application/octet-stream
post_hooks: []
"""
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]+Z")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """Return the package that openapi-python-client makes of the committed description, without a warning."""
    folder = tmp_path_factory.mktemp("generated")
    (folder / "config.yaml").write_text(CONFIGURATION)
    command = [
        str(Path(sys.executable).parent / "openapi-python-client"), "generate", "--meta=none", "--fail-on-warning",
        f"--path={descriptions.FOLDER / 'openapi.json'}", f"--config={folder / 'config.yaml'}",
        f"--output-path={folder / 'register_client'}",
    ]  # fmt: skip
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    sys.path.insert(0, str(folder))
    try:
        return importlib.import_module("register_client")
    finally:
        sys.path.remove(str(folder))


def _lists() -> dict[str, str]:
    """Return the lists by their operation, with the word that the client keeps them under."""
    return {
        methods["get"]["operationId"]: methods["get"]["tags"][0].replace("-", "_")
        for methods in schema.document()["paths"].values()
        if "get" in methods and methods["get"]["summary"].startswith("List ")
    }


def _rows_alike(client: Any, tag: str, operation: str) -> int:
    """Return how many rows the client reads; what it made of each must say the same as what was sent."""
    asked = importlib.import_module(f"register_client.api.{tag}.{operation}")
    answer = asked.sync_detailed(client=client, limit=100)
    if answer.status_code == 403:
        # Only administrators list jobs.
        return 0
    assert answer.status_code == 200, (operation, answer.content)
    read = answer.parsed.to_dict()
    assert read == _as_python_writes(json.loads(answer.content)), operation
    return len(read["results"])


def _as_python_writes(written: Any) -> Any:
    """Return the same with instants as Python writes them."""
    if isinstance(written, dict):
        return {name: _as_python_writes(value) for name, value in written.items()}
    if isinstance(written, list):
        return [_as_python_writes(value) for value in written]
    is_instant = isinstance(written, str) and INSTANT.fullmatch(written)
    return datetime.fromisoformat(written).isoformat() if is_instant else written


@pytest.mark.django_db(transaction=True)
def test_it_reads_every_list(client: ModuleType, live_server: LiveServer) -> None:
    register = built.lay_down()
    with frozen(estate.NOW):
        clients = [
            client.AuthenticatedClient(base_url=live_server.url, token=Caller(person, now=estate.NOW).key)
            for person in (register.people.ada, register.people.alice)
        ]
        lists = _lists()
        rows = {name: sum(_rows_alike(one, tag, name) for one in clients) for name, tag in lists.items()}
    assert len(lists) == 64
    assert [name for name, count in rows.items() if not count] == []
