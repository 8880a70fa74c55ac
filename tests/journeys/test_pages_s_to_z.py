"""The pages whose names begin with s to z, as somebody sees them."""

import pytest

from tests.journeys import reading

pytestmark = [pytest.mark.browser, pytest.mark.slow]


class TestPagesOfS(reading.EveryPage):
    letters = "s"


class TestPagesFromTToZ(reading.EveryPage):
    letters = "tuvwxyz"
