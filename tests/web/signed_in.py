"""A browser session of somebody of the cast, without the sign-in page."""

from django.test import Client

from accounts.models import User


def as_(person: User) -> Client:
    """Return a client that is signed in as the person."""
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client
