"""The pages whose names begin with a to c, as somebody sees them."""

import pytest

from tests.journeys import reading

pytestmark = [pytest.mark.browser, pytest.mark.slow]


class TestPagesFromAToB(reading.EveryPage):
    letters = "ab"


class TestPagesOfC(reading.EveryPage):
    letters = "c"
