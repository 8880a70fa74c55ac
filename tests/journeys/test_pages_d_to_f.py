"""The pages whose names begin with d to f, as somebody sees them."""

import pytest

from tests.journeys import reading

pytestmark = [pytest.mark.browser, pytest.mark.slow]


class TestPagesFromDToE(reading.EveryPage):
    letters = "de"


class TestPagesOfF(reading.EveryPage):
    letters = "f"
