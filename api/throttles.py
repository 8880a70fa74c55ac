"""Fairness between callers: so many requests a minute for each token, person or address.

The counters are kept by each web process for itself; this is no protection against an attack, which is the work of the
proxy in front.
"""

import time
from typing import Any

from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts.models import ApiToken
from audit.middleware import client_address

_MINUTE = 60


class PerMinute(BaseThrottle):
    """Lets each caller make `rate` requests in a minute of the clock."""

    rate = 6000
    name = "all"

    def allow_request(self, request: Request, view: Any) -> bool:
        """Return whether the caller has requests left in this minute."""
        key = f"api:{self.name}:{_caller(request)}:{int(time.time()) // _MINUTE}"
        if cache.add(key, 1, timeout=2 * _MINUTE):
            return True
        try:
            return bool(cache.incr(key) <= self.rate)
        except ValueError:
            # The cache dropped the counter to make room: it starts again.
            return True

    def wait(self) -> float:
        """Return the seconds until the next minute begins."""
        return _MINUTE - int(time.time()) % _MINUTE


class ReportsPerMinute(PerMinute):
    """Reports are dear: a caller may ask for ten a minute."""

    rate = 10
    name = "reports"


def _caller(request: Request) -> object:
    """Return the token or the person; of nobody, who may read the registry where that is open, the address."""
    if isinstance(request.auth, ApiToken):
        return request.auth.pk
    return request.user.pk or client_address(request._request)
