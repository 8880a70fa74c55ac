"""Log lines and the trail name the same occasion: the correlation id of a request or a job."""

import logging

from audit import context


class OfTheOccasion(logging.Filter):
    """Notes on each record the correlation id of the occasion in which it was written, if there is one."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return True: every record is let through."""
        here = context.occasion()
        # Django writes of a refused request when its occasion is over; the record holds the request.
        known = here.correlation_id if here else getattr(getattr(record, "request", None), "correlation_id", None)
        if known is not None:
            record.correlation_id = str(known)
        return True
