"""Sessions in the database, looked up only under keys that the register can have made."""

import re
from typing import Any

from django.contrib.sessions.backends import db

_KEY = re.compile(r"[a-z0-9]{32}")


class SessionStore(db.SessionStore):
    """Takes any other key for none: PostgreSQL refuses a NUL, which a quoted cookie can hold, with an error."""

    def _validate_session_key(self, key: Any) -> bool:
        return isinstance(key, str) and _KEY.fullmatch(key) is not None
