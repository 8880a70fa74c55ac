"""A view that forgets the base class of the register's endpoints is not open wider than they are."""

from typing import Any

import pytest
from django.test import Client
from django.urls import path
from rest_framework.mixins import ListModelMixin
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import ModelSerializer
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from accounts.access import Capability
from accounts.models import User
from api import throttles
from api.steps import takes
from api.urls import router
from riskregister import problems
from tests import cast
from tests.api.caller import Caller, frozen
from tests.tables import for_each
from tests.web.signed_in import as_
from vendors.models import Vendor
from vendors.registering import relations


class Bare(APIView):
    """Says only what it answers."""

    def get(self, request: Request) -> Response:
        return Response({"read": True})

    def post(self, request: Request) -> Response:
        return Response({"written": request.data})


class Named(Bare):
    """Says besides which step it takes."""

    @takes(relations.register_vendor)
    def post(self, request: Request) -> Response:
        return super().post(request)


class VendorWritten(ModelSerializer[Vendor]):
    """A vendor by name."""

    class Meta:
        model = Vendor
        fields = ("name",)


class BareList(ListModelMixin, GenericViewSet[Vendor]):
    """Says only which rows there are."""

    queryset = Vendor.objects.all()
    serializer_class = VendorWritten


urlpatterns = [
    path("bare/", Bare.as_view()),
    path("named/", Named.as_view()),
    path("list/", BareList.as_view({"get": "list"})),
]
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@pytest.fixture
def alice() -> Any:
    with frozen():
        yield cast.assemble().alice


def by_token(person: User, *scopes: str) -> Client:
    return Caller(person, scopes or Capability.values).client


def refused(response: Any, status: int) -> str:
    """Check that it is a problem document; return what it says."""
    assert (response.status_code, response["Content-Type"]) == (status, problems.MEDIA_TYPE), response.content
    return str(response.json()["detail"])


@for_each("at", ["/bare/", "/named/", "/list/"])
def test_it_asks_who_calls(at: str):
    refused(Client().get(at), 401)
    refused(Client(headers={"Authorization": "Bearer mvr_zzzzzzzz_nonsense"}).get(at), 401)


@for_each("at", ["/bare/", "/named/", "/list/"])
def test_it_is_read_with_the_scope_to_read(alice: User, at: str):
    assert "'read'" in refused(by_token(alice, "write").get(at), 403)
    assert by_token(alice, "read").get(at).status_code == 200


def test_it_takes_no_step_unless_it_names_one(alice: User):
    problem = refused(by_token(alice).post("/bare/", {}, content_type="application/json"), 403)
    assert "names none" in problem
    refused(by_token(alice, "read").post("/named/", {}, content_type="application/json"), 403)
    assert by_token(alice).post("/named/", {}, content_type="application/json").json() == {"written": {}}


def test_a_browsers_session_needs_its_csrf_token(alice: User):
    client = Client(enforce_csrf_checks=True)
    client.cookies = as_(alice).cookies
    assert "CSRF" in refused(client.post("/named/", {}, content_type="application/json"), 403)


def test_it_takes_and_gives_json_that_can_be_read_in_one_way(alice: User):
    client = by_token(alice)
    refused(client.post("/named/", {"a": "b"}), 415)
    refused(client.post("/named/", '{"a": 1, "a": 2}', content_type="application/json"), 400)
    answer = client.get("/bare/", headers={"Accept": "text/html"})
    assert (answer["Content-Type"], answer.content) == ("application/json", b'{"read":true}')
    assert answer["Cache-Control"] == "no-store"
    refused(client.options("/bare/"), 405)


def test_it_is_counted_among_the_requests_of_the_caller(alice: User, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(throttles.PerMinute, "rate", 1)
    client = by_token(alice)
    assert client.get("/bare/").status_code == 200
    refused(client.get("/bare/"), 429)


def test_its_list_has_pages_and_refuses_what_it_does_not_know(alice: User):
    for number in range(3):
        Vendor.objects.create(name=f"Vendor {number}", number=number + 1, created_at=cast.NOON)
    client = by_token(alice)
    page = client.get("/list/", {"limit": 2}).json()
    assert [row["name"] for row in page["results"]] == ["Vendor 2", "Vendor 1"]
    assert page["next"]
    refused(client.get("/list/", {"limit": 1000}), 400)
    refused(client.get("/list/", {"nmae": "x"}), 400)


def test_no_endpoint_reads_json_by_the_parser_of_the_framework_which_takes_a_key_twice_and_bodies_of_any_size() -> None:
    endpoints: list[Any] = [viewset for _prefix, viewset, _basename in router.registry]
    used = {
        one.__name__: {*one.parser_classes, *(parser for action in one.get_extra_actions() for parser in _of(action))}
        for one in endpoints
    }
    assert [name for name, parsers in used.items() if JSONParser in parsers] == []


def _of(action: Any) -> tuple[type, ...]:
    parsers: tuple[type, ...] = action.kwargs.get("parser_classes", ())
    return parsers
