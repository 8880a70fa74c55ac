"""The description: a valid OpenAPI 3.1 document without a warning, which names every route."""

import json
import re
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver
from drf_spectacular.drainage import GENERATOR_STATS
from openapi_spec_validator import validate

from accounts.access import Capability
from api.description import schema
from riskregister.env import BASE_DIR
from tests import cast
from tests.api import conformance
from tests.api.caller import ROOT
from tests.web.signed_in import sign_in

# What is no endpoint of the register: the description itself, and what answers where nothing is.
NOT_DESCRIBED = {"schema", "docs", None}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return schema.document()


def test_it_is_valid_openapi_3_1(document: dict[str, Any]):
    assert document["openapi"] == "3.1.0"
    validate(document)


def test_it_is_made_without_a_warning(capsys: pytest.CaptureFixture[str]):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        schema._document.cache_clear()
        schema.document()
    assert not GENERATOR_STATS._warn_cache
    assert not GENERATOR_STATS._error_cache
    assert "arning" not in capsys.readouterr().err


def routes() -> set[tuple[str, str]]:
    """Return method and address of every route, as the document writes them."""
    api: Any = next(one for one in get_resolver().url_patterns if getattr(one, "app_name", "") == "api")
    return {
        (method, f"{ROOT}/{re.sub(r'<(?:[a-z]+:)?([a-z]+)>', _argument, str(pattern.pattern))}")
        for pattern in _leaves(api.url_patterns)
        if pattern.name not in NOT_DESCRIBED
        for method in _methods(pattern.callback)
    }


def _leaves(patterns: Any) -> Any:
    for pattern in patterns:
        yield from _leaves(pattern.url_patterns) if hasattr(pattern, "url_patterns") else [pattern]


def _methods(callback: Any) -> list[str]:
    listed = getattr(callback, "actions", None)
    return [one for one in listed if one != "head"] if listed else [
        one for one in ("get", "post", "patch") if hasattr(callback.cls, one)
    ]  # fmt: skip


def _argument(found: re.Match[str]) -> str:
    return "{id}" if found[1] == "pk" else f"{{{found[1]}}}"


def test_it_names_every_route_and_no_other(document: dict[str, Any]):
    described = {
        (method, path) for path, methods in document["paths"].items() for method in methods if method != "parameters"
    }
    assert len(described) > 120
    assert described == routes()


def test_every_operation_says_what_it_does_which_scope_it_needs_and_how_it_refuses(document: dict[str, Any]):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            words, scope = operation["description"].rsplit("\n\n", 1)
            assert words.endswith("."), (method, path)
            named = re.fullmatch(r"Scope of a token: (`[a-z]+`(?: or `[a-z]+`)*)\.", scope)
            assert named, (method, path)
            assert set(re.findall("`([a-z]+)`", named[1])) <= set(Capability.values), (method, path)
            refusals = {code for code in operation["responses"] if code >= "400"}
            assert {"400", "401", "403", "429", "default"} <= refusals, (method, path)
            assert ("404" in refusals) == ("{" in path), (method, path)
            assert (refusals >= {"409", "413", "415", "422"}) == (method != "get"), (method, path)
            for code in refusals:
                problem = _resolved(document, operation["responses"][code])["content"]["application/problem+json"]
                _fits(problem)


def test_every_operation_has_a_summary_of_its_noun(document: dict[str, Any]):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            summary = operation["summary"]
            assert 2 < len(summary) < 90, (method, path, summary)
            assert not summary.endswith("."), (method, path)
            assert summary not in ("Return one object", "Return a page of what you may see"), (method, path)


def test_every_body_has_an_example_that_fits_it(document: dict[str, Any]):
    seen = 0
    for methods in document["paths"].values():
        for operation in methods.values():
            for body in operation.get("requestBody", {}).get("content", {}).values():
                _fits(body)
                assert set(body["example"]) >= set(_resolved(document, body["schema"]).get("required", ()))
                assert "" not in body["example"].values(), body["example"]
                seen += 1
    assert seen > 50


def _fits(body: dict[str, Any]) -> None:
    """Raise ValidationError unless the example of a body fits its schema."""
    conformance.validator(json.dumps(body["schema"])).validate(body["example"])


def _resolved(document: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in node:
        return node
    found: Any = document
    for name in node["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return dict(found)


def test_operations_have_names_of_their_own(document: dict[str, Any]):
    names = [operation["operationId"] for methods in document["paths"].values() for operation in methods.values()]
    assert len(names) == len(set(names))


def test_bodies_are_described_by_their_own_form(document: dict[str, Any]):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            for form in operation.get("requestBody", {}).get("content", {}).values():
                name = form["schema"]["$ref"].rsplit("/", 1)[-1]
                assert not name.endswith(("Out", "Row")), (method, path, name)


@pytest.mark.django_db
def test_the_document_is_served_to_anybody():
    response = Client().get(f"{ROOT}/schema/")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/vnd.oai.openapi+json;version=3.1"
    assert response.json()["info"]["title"] == "MCP vendor risk register"
    assert Client().post(f"{ROOT}/schema/").status_code == 405


@pytest.mark.django_db
def test_the_page_names_every_operation_and_runs_no_script_of_its_own(document: dict[str, Any]):
    client = Client()
    assert client.get(f"{ROOT}/docs/").status_code == 302
    sign_in(client, cast.assemble().carol)
    response = client.get(f"{ROOT}/docs/")
    text = response.content.decode()
    for methods in document["paths"].values():
        for operation in methods.values():
            assert f'id="{operation["operationId"]}"' in text
    assert "unsafe" not in response["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert " style=" not in text
    assert " onclick=" not in text


def test_a_web_server_loads_the_generator_only_for_whoever_asks_for_the_description():
    look = (
        "import sys\nfrom riskregister.wsgi import application\nfrom django.urls import reverse\n"
        "reverse('api:vendor-list')\n"
        "print([name for name in ('drf_spectacular.generators', 'django.test') if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", look], cwd=BASE_DIR, capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"


def test_two_that_ask_first_at_once_both_have_it() -> None:
    schema._document.cache_clear()
    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(lambda _number: schema.document(), range(2))
    assert one is other
