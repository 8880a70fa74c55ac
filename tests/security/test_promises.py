"""What the threat model promises of passwords, accounts and other sites."""

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client, override_settings

from accounts.models import User
from riskregister import settings as product
from tests import cast
from tests.web.signed_in import sign_in

pytestmark = pytest.mark.django_db


def test_passwords_are_kept_as_argon2id() -> None:
    with override_settings(PASSWORD_HASHERS=product.PASSWORD_HASHERS):
        assert make_password("correct horse battery staple").startswith("argon2$argon2id$")


def test_a_new_register_knows_nobody() -> None:
    assert not User.objects.exists()


@pytest.mark.parametrize("address", ["/api/v1/servers/", "/servers/", "/healthz"])
def test_no_other_site_may_read_an_answer(address: str) -> None:
    client = Client(headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"})
    sign_in(client, cast.assemble().alice)
    for answer in (client.get(address), client.options(address)):
        assert answer.status_code != 404
        assert not [name for name in answer.headers if name.lower().startswith("access-control-")]
