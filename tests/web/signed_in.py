"""A browser session of somebody of the cast, without the sign-in page."""

from typing import Any

from django.test import Client

from accounts.models import User

PASSWORD = "correct horse battery staple"
_BACKEND = "django.contrib.auth.backends.ModelBackend"


class SigningClient(Client):
    """A browser in whose forms the person gives their password, wherever a form asks for it."""

    def force_login(self, user: Any, backend: str | None = None) -> None:
        """Sign the person in, after giving them the password."""
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
        super().force_login(user, backend)

    def post(self, path: Any, data: Any = None, *args: Any, **how: Any) -> Any:
        """Send a form with the password, unless it says another."""
        said = data if isinstance(data, str | bytes) else {"password": PASSWORD} | (data or {})
        return super().post(path, said, *args, **how)


def as_(person: User) -> Client:
    """Return a client that is signed in as the person, and has no password to give."""
    client = Client()
    client.force_login(person, backend=_BACKEND)
    return client


def signing_as(person: User) -> SigningClient:
    """Return a client that is signed in as the person, and gives the password with each form."""
    client = SigningClient()
    client.force_login(person, _BACKEND)
    return client
