"""What holds every answer of the tests against the description finds an answer that is not as described."""

import json
from typing import Any

import pytest

from tests import tables
from tests.api import conformance
from tests.api.conformance import NotAsDescribed

UNIT = {
    "id": "01900000-0000-7000-8000-000000000000", "name": "Payments", "code": "PAY", "is_demo": False, "version": "1",
}  # fmt: skip


def _answered(status: int, body: Any, *, media_type: str = "application/json") -> None:
    conformance.check_answer("get", "/api/v1/units/{id}/", status, media_type, json.dumps(body).encode())


def test_an_answer_as_described_passes():
    _answered(200, UNIT)


@tables.for_each("wrong", [{"colour": "red"}, {"id": "1"}, {"name": 1}, {"version": None}])
def test_a_wrong_member_is_named(wrong: dict[str, Any]):
    (name,) = wrong
    with pytest.raises(NotAsDescribed, match=name):
        _answered(200, UNIT | wrong)


def test_a_member_that_is_missing_is_named():
    with pytest.raises(NotAsDescribed, match="code"):
        _answered(200, {name: value for name, value in UNIT.items() if name != "code"})


def test_a_status_that_nobody_described_is_named():
    with pytest.raises(NotAsDescribed, match="201 is no answer"):
        _answered(201, UNIT)
