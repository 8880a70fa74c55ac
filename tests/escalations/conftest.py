"""The scene of these tests."""

import pytest

from tests.alerts import scene as scenes


@pytest.fixture
def scene(db) -> scenes.Scene:
    return scenes.build()
