"""Log lines: one JSON object each, with a traceback for errors only."""

import json
import logging
import sys
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from audit.context import SYSTEM, acting
from audit.logs import OfTheOccasion
from riskregister.logs import JsonFormatter


def line(level: int, message: str) -> dict[str, str]:
    try:
        raise ValueError("inside")
    except ValueError:
        record = logging.LogRecord("web", level, __file__, 1, message, None, sys.exc_info())
    text = JsonFormatter().format(record)
    assert "\n" not in text
    read: dict[str, str] = json.loads(text)
    return read


def test_an_error_carries_its_traceback() -> None:
    assert "ValueError: inside" in line(logging.ERROR, "it broke")["traceback"]


def test_a_refusal_is_one_sentence() -> None:
    assert set(line(logging.WARNING, "Forbidden")) == {"at", "level", "logger", "message"}


def test_what_somebody_typed_cannot_begin_a_line_of_its_own() -> None:
    assert line(logging.ERROR, 'x\n{"level": "INFO"}')["message"] == 'x\n{"level": "INFO"}'


def test_a_link_that_sets_a_password_is_not_written_down() -> None:
    message = line(logging.WARNING, "Unprocessable Entity: /set-password/MDE5YQ/d1x2-0123456789abcdef/")["message"]

    assert message == "Unprocessable Entity: /set-password/MDE5YQ/[hidden]/"


def test_a_line_of_a_request_names_its_occasion_as_the_trail_does(caplog: pytest.LogCaptureFixture) -> None:
    caplog.handler.addFilter(OfTheOccasion())
    with acting(SYSTEM) as here:
        logging.getLogger("web").warning("inside")
    logging.getLogger("web").warning("outside")
    inside, outside = (json.loads(JsonFormatter().format(record)) for record in caplog.records)
    assert inside["correlation_id"] == str(here.correlation_id)
    assert "correlation_id" not in outside


def test_every_line_that_the_settings_write_can_name_its_occasion() -> None:
    handlers: Any = settings.LOGGING["handlers"]
    assert [name for name, handler in handlers.items() if "occasion" not in handler.get("filters", ())] == []


def test_the_line_of_a_refused_request_names_it_too(caplog: pytest.LogCaptureFixture) -> None:
    caplog.handler.addFilter(OfTheOccasion())
    answer = Client().get("/nowhere/")
    [record] = [one for one in caplog.records if one.name == "django.request"]
    assert json.loads(JsonFormatter().format(record))["correlation_id"] == answer.headers["X-Correlation-ID"]
