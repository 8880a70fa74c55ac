"""The product as somebody else meets it: its own web server, over real HTTP."""

import http.client
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests import template
from tests.installation import Installation
from tests.waiting import PATIENCE


@pytest.fixture(scope="package")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Return an empty installation that answers, one for the files of this folder."""
    folder = template.copy_into(tmp_path_factory.mktemp("installation"))
    started = Installation.start(folder, flags=["--empty"], extra={})
    started.address()
    yield started
    started.stop()


@pytest.fixture
def door(running: Installation) -> Iterator[http.client.HTTPConnection]:
    """Return a connection to the web server."""
    address = urlsplit(running.address())
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=PATIENCE)
    yield connection
    connection.close()
