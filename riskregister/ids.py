"""Primary keys: UUID version 7 (RFC 9562), so that newer rows sort after older ones."""

import os
import threading
import time
import uuid

_lock = threading.Lock()
_last = 0
# A clock that goes back further than this was set anew; the keys follow it. Units of 1/4096 ms.
_SLACK = 10_000 << 12


def uuid7() -> uuid.UUID:
    """Return a new UUID: 48 bits of milliseconds since 1970 UTC, 12 of their fraction, then 62 random bits.

    Those of one process ascend strictly (RFC 9562, 6.2, method 3), so that two events of one step keep their order.
    """
    stamp = _next_stamp()
    value = stamp >> 12 << 80 | 0x7 << 76 | (stamp & 0xFFF) << 64 | 0x2 << 62
    return uuid.UUID(int=value | int.from_bytes(os.urandom(8), "big") >> 2)


def _next_stamp() -> int:
    global _last  # noqa: PLW0603 - the last key of this process is what the next one must exceed
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    stamp = (milliseconds & (2**48 - 1)) << 12 | rest * 4096 // 1_000_000
    with _lock:
        _last = _last + 1 if 0 <= _last - stamp < _SLACK else stamp
        return _last
