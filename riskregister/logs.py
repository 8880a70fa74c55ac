"""Log lines as JSON, so that user input can never forge a line of its own."""

import json
import logging
import re
from datetime import UTC, datetime

# The address of a one-time link is the key to an account; whoever reads the log must not get it.
_LINK = re.compile(r"(/set-password/[^/\s]+/)[^/\s]+")


class JsonFormatter(logging.Formatter):
    """Formats a record as one line of JSON: time (UTC), level, logger, message, correlation id and traceback.

    The last two only where there are any: within a request or a job, and of an error.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line without its newline."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _LINK.sub(r"\1[hidden]", record.getMessage()),
        }
        if hasattr(record, "correlation_id"):
            line["correlation_id"] = record.correlation_id
        # A refusal is a warning whose sentence says it all; only an error is a fault to be traced.
        if record.exc_info and record.levelno >= logging.ERROR:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=True)
