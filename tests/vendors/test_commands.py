"""How commands name servers."""

import pytest
from django.core.management.base import CommandError

from tests import cast
from tests.tables import for_each
from vendors.management import servers


@pytest.mark.django_db
def test_a_server_is_named_by_its_number():
    server = cast.a_server(cast.assemble())
    assert [servers.named(form.format(server.number)) for form in ("S-{}", "s-{}", " {} ")] == [server] * 3


@pytest.mark.django_db
@for_each("ref", ("S-999999", "weather", "S--1", "S-" + "9" * 5000))
def test_what_names_no_server_says_how_to_name_one(ref):
    with pytest.raises(CommandError, match=r"There is no server .{1,40}\. Give its number, such as S-12\.") as refused:
        servers.named(ref, returncode=2)
    assert refused.value.returncode == 2
