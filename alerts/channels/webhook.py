"""Signed webhooks as Standard Webhooks 1.0 has them: an id, a moment, and a signature over both and the body."""

import base64
import hmac
import secrets
import time

from alerts.channels import over_http
from alerts.channels.outcome import Outgoing

PREFIX = "whsec_"


def new_secret() -> str:
    """Return a new secret: 32 random bytes in base64, as the libraries of receivers take them."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def send(url: str, message: Outgoing) -> int:
    """Post a message and return the status of the answer. Raises NotDelivered."""
    return over_http.post(url, message.body, headers(message, at=int(time.time())))


def headers(message: Outgoing, *, at: int) -> dict[str, str]:
    """Return the headers that let a receiver know that the register sent it, and when: one signature a secret."""
    signed = f"{message.key}.{at}.".encode() + message.body
    return {
        "webhook-id": message.key,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(_signature(one, signed) for one in message.secrets),
    }


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
