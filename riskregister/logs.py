"""Log lines as JSON, so that user input can never forge a line of its own."""

import json
import logging
import re
from datetime import UTC, datetime

# The address of a one-time link is the key to an account; whoever reads the log must not get it.
_LINK = re.compile(r"(/set-password/[^/\s]+/)[^/\s]+")


class JsonFormatter(logging.Formatter):
    """Formats a record as one line of JSON: time (UTC), level, logger, message and, of an error, the traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line without its newline."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _LINK.sub(r"\1[hidden]", record.getMessage()),
        }
        # A refusal is a warning whose sentence says it all; only an error is a fault to be traced.
        if record.exc_info and record.levelno >= logging.ERROR:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=True)
