"""The commands that people type: a token, the catalogue."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts import tokens
from accounts.models import ApiToken
from catalogue.models import QuestionSet
from tests.cast import assemble
from tests.tables import for_each


@pytest.fixture
def cast(db):
    return assemble()


def create(*arguments):
    printed = StringIO()
    call_command("create_token", *arguments, stdout=printed)
    return printed.getvalue()


def test_create_token_prints_the_key_and_nothing_else(cast):
    printed = create("Alice@example.org", "--scope", "read", "--scope", "write", "--days", "7")

    token = tokens.authenticate(printed.strip(), now=timezone.now())
    assert printed.count("\n") == 1
    assert (token.user, token.scopes) == (cast.alice, ["read", "write"])
    assert token.expires_at - token.created_at == timedelta(days=7)


@for_each(
    ("arguments", "message"),
    [
        (["nobody@example.org", "--scope", "read"], "Nobody has the address"),
        (["alice@example.org", "--scope", "read", "--days", "366"], "1 to 365 days"),
        (["alice@example.org", "--scope", "read", "--days", "999999999999"], "1 to 365 days"),
        (["alice@example.org", "--scope", "all"], "invalid choice"),
    ],
)
def test_create_token_refuses_and_makes_none(cast, arguments, message):
    with pytest.raises(CommandError, match=message):
        create(*arguments)

    assert not ApiToken.objects.exists()


def test_load_catalogue_changes_nothing_the_second_time(db):
    before = list(QuestionSet.objects.values())
    printed = StringIO()

    call_command("load_catalogue", stdout=printed)

    assert list(QuestionSet.objects.values()) == before
    assert printed.getvalue().startswith("Published: ")
