"""A web server at which all tests of a module look."""

from collections.abc import Iterator

import pytest

from tests.collectors import pages
from tests.collectors.pages import Pages


@pytest.fixture(scope="module")
def running() -> Iterator[Pages]:
    """Give the server; each test puts its pages there."""
    with pages.running() as served:
        yield served
