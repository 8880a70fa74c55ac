"""The pages whose names begin with g to r, as somebody sees them."""

import pytest

from tests.journeys import reading

pytestmark = [pytest.mark.browser, pytest.mark.slow]


class TestPagesFromGToQ(reading.EveryPage):
    letters = "ghijklmnopq"


class TestPagesOfR(reading.EveryPage):
    letters = "r"
