"""The people of the benchmark as their requests name them: with a token, or with the cookie of a session."""

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from accounts import tokens
from accounts.models import User
from tests.web.signed_in import sign_in


def token(person: User, *scopes: str) -> str:
    """Return a new token of a person, to read and write unless scopes are named."""
    lifetime = timedelta(days=1)
    made = tokens.issue(
        person, name="Benchmark", scopes=scopes or ("read", "write"), lifetime=lifetime, by=person, now=timezone.now()
    )
    return made[1]


def as_browser(person: User) -> Client:
    """Return a client that is signed in as the person."""
    browser = Client(headers={"Host": "localhost"})
    sign_in(browser, person)
    return browser


def session(person: User) -> str:
    """Return the cookies of a new session."""
    return "; ".join(f"{name}={morsel.value}" for name, morsel in as_browser(person).cookies.items())
