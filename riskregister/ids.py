"""Primary keys: UUID version 7 (RFC 9562), so that newer rows sort after older ones."""

import os
import time
import uuid


def uuid7() -> uuid.UUID:
    """Return a new UUID: 48 bits of milliseconds since 1970 UTC, then 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & (2**48 - 1)) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return uuid.UUID(int=value)
