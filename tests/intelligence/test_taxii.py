"""A collection of TAXII 2.1 at a real local server: pages, watermark, credential, and what goes wrong."""

import ipaddress
import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from inspection.bounds import Bounds, NothingSeen
from intelligence import taxii
from tests.collectors import pages
from tests.tables import for_each

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)
QUICK = Bounds(overall=10.0, request=5.0, size=100_000, pages=5)
ROOT = "/api/collections/c1/objects/"
ADDED = "2026-01-01T00:00:00.000000Z"


def client(**how: Any) -> taxii.Client:
    return taxii.Client(allowed=LOOPBACK, bounds=QUICK, **how)


def test_pages_follow_next_and_then_the_moment_of_the_last_object():
    after = "added_after=2025-01-01T00%3A00%3A00.000000Z"
    with pages.running() as served:
        served.put(f"{ROOT}?limit=1000&{after}", {"more": True, "next": "n1", "objects": [{"id": 1}]},
            X_TAXII_Date_Added_Last=ADDED)  # fmt: skip
        served.put(f"{ROOT}?limit=1000&{after}&next=n1", {"more": True, "objects": [{"id": 2}, {"id": 3}]},
            X_TAXII_Date_Added_Last="2026-01-02T00:00:00Z")  # fmt: skip
        last = "added_after=2026-01-02T00%3A00%3A00.000000Z"
        served.put(f"{ROOT}?limit=1000&{last}", {"objects": [{"id": 4}]})
        found = list(client().pages(f"{served.url}/api/collections/c1/", added_after=datetime(2025, 1, 1, tzinfo=UTC)))

    assert {asked[1]["accept"] for asked in served.asked} == {"application/taxii+json;version=2.1"}
    assert [(one.objects, one.added_last) for one in found] == [
        (1, datetime(2026, 1, 1, tzinfo=UTC)), (2, datetime(2026, 1, 2, tzinfo=UTC)), (1, None),
    ]  # fmt: skip
    assert [row["id"] for one in found for row in json.loads(one.raw)["objects"]] == [1, 2, 3, 4]


def test_a_credential_goes_only_to_the_origin_that_it_is_named_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TAXII_WORD", "Basic dTpw")
    with pages.running() as served:
        served.put(f"{ROOT}?limit=1000", {"objects": [{"id": 1}]})
        for sources in ({served.url: "env:TAXII_WORD"}, {"https://other.example": "env:TAXII_WORD"}):
            list(client(sources=sources).pages(f"{served.url}/api/collections/c1/"))

    assert [asked[1].get("authorization") for asked in served.asked] == ["Basic dTpw", None]


@for_each(
    "status, body, why",
    [
        (401, {}, "answered 401. Name a credential for it."),
        (406, {}, "answered 406. It does not speak TAXII 2.1."),
        (200, "no json", "cannot be read: The file is not JSON"),
        (200, [], "is no envelope of TAXII 2.1"),
        (200, {"objects": {}}, "its objects are no list"),
        (200, {"more": True, "objects": []}, "does not say how to get it"),
        (200, {"objects": ["x" * 200_000]}, "sent more than 100,000 bytes"),
    ],
    ids=lambda row: row[2],
)
def test_what_goes_wrong_is_said(status: int, body: Any, why: str):
    with pages.running() as served:
        served.put(f"{ROOT}?limit=1000", body, status=status)
        with pytest.raises(NothingSeen, match=why):
            list(client().pages(f"{served.url}/api/collections/c1/"))


def test_a_server_that_leads_in_a_circle_is_left():
    with pages.running() as served:
        served.put(f"{ROOT}?limit=1000", {"more": True, "next": "n", "objects": [{"id": 1}]})
        served.put(f"{ROOT}?limit=1000&next=n", {"more": True, "next": "n", "objects": [{"id": 1}]})
        with pytest.raises(NothingSeen, match="leads in a circle"):
            list(client().pages(f"{served.url}/api/collections/c1/"))


def test_the_bytes_of_all_pages_count_together():
    with pages.running() as served:
        served.put(f"{ROOT}?limit=1000", {"more": True, "next": "n", "objects": ["x" * 60_000]})
        served.put(f"{ROOT}?limit=1000&next=n", {"objects": ["x" * 60_000]})
        with pytest.raises(NothingSeen, match="sent more than 100,000 bytes"):
            list(client().pages(f"{served.url}/api/collections/c1/"))


def test_a_server_that_takes_all_of_the_time_is_left():
    with pages.running() as served:
        served.put(f"{ROOT}?limit=1000", {"more": True, "next": "n", "objects": [{"id": 1}]})
        served.put(f"{ROOT}?limit=1000&next=n", {"objects": [{"id": 2}]})
        slow = client()
        found = slow.pages(f"{served.url}/api/collections/c1/")
        assert next(found).objects == 1
        slow.ends = time.monotonic()
        with pytest.raises(NothingSeen, match="took longer than 5 seconds for an answer, or 10 for all of them"):
            next(found)

    assert len(served.asked) == 1


def test_an_inward_address_is_not_asked():
    with pages.running() as served, pytest.raises(NothingSeen, match="not public"):
        list(taxii.Client(bounds=QUICK).pages(f"{served.url}/api/collections/c1/"))

    assert served.asked == []
