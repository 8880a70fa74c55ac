"""Log lines: one JSON object each, with a traceback for errors only."""

import json
import logging
import sys

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
