"""A browser session of somebody of the cast, without the sign-in page."""

from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.test import Client

from accounts.models import User
from accounts.sign_in.sessions import SessionStore

PASSWORD = "correct horse battery staple"
_BACKEND = "django.contrib.auth.backends.ModelBackend"


def sign_in(client: Client, person: User) -> None:
    """Give the client a session of the person's, and leave what else a sign-in writes: it takes most of its time."""
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = _BACKEND
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = str(session.session_key)


class SigningClient(Client):
    """A browser in whose forms the person gives their password, wherever a form asks for it."""

    def force_login(self, user: Any, backend: str | None = None) -> None:
        """Sign the person in, after giving them the password."""
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
        sign_in(self, user)

    def post(self, path: Any, data: Any = None, *args: Any, **how: Any) -> Any:
        """Send a form with the password, unless it says another."""
        sent = data if isinstance(data, str | bytes) else {"password": PASSWORD} | (data or {})
        return super().post(path, sent, *args, **how)


def as_(person: User) -> Client:
    """Return a client that is signed in as the person, and has no password to give."""
    client = Client()
    sign_in(client, person)
    return client


def signing_as(person: User) -> SigningClient:
    """Return a client that is signed in as the person, and gives the password with each form."""
    client = SigningClient()
    client.force_login(person)
    return client
