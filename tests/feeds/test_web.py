"""Fetching files of feeds from a real server: guarded, bounded, and not twice."""

import hashlib
import ipaddress
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from feeds.web import NotFetched, NotThere, Web
from tests.collectors import pages
from tests.collectors.pages import Pages

LOOPBACK = [ipaddress.ip_network("127.0.0.0/8")]
BODY = b"{}" * 1000


@pytest.fixture(scope="module")
def served() -> Iterator[Pages]:
    with pages.running() as running:
        yield running


def web(folder: Path, **how: Any) -> Web:
    return Web(folder, **{"allowed": LOOPBACK, **how})


def test_a_file_comes_with_its_digest_and_its_etag(served: Pages, tmp_path: Path) -> None:
    served.put("/all.zip", BODY, ETag='"1"')
    came = web(tmp_path).fetch(f"{served.url}/all.zip")
    assert came.path is not None
    assert (came.path.read_bytes(), came.etag, came.digest) == (BODY, '"1"', hashlib.sha256(BODY).hexdigest())


def test_what_has_not_changed_is_not_sent_again(served: Pages, tmp_path: Path) -> None:
    served.put("/all.zip", b"", status=304)
    url = f"{served.url}/all.zip"
    fetching = web(tmp_path, known={url: '"1"'})
    assert fetching.fetch(url).path is None
    assert fetching.etags == {url: '"1"'}
    assert served.asked[-1][1]["if-none-match"] == '"1"'


def test_an_inward_address_is_not_asked(served: Pages, tmp_path: Path) -> None:
    before = len(served.asked)
    with pytest.raises(NotFetched, match=r"leads to 127\.0\.0\.1, which is not public"):
        web(tmp_path, allowed=()).fetch(f"{served.url}/all.zip")
    assert len(served.asked) == before


def test_it_is_led_on_within_its_host_alone(served: Pages, tmp_path: Path) -> None:
    served.put("/current", b"", status=302, Location="/of-today")
    served.put("/of-today", BODY)
    assert web(tmp_path).fetch(f"{served.url}/current").digest == hashlib.sha256(BODY).hexdigest()
    served.put("/away", b"", status=302, Location="https://other.example.com/x")
    with pytest.raises(NotFetched, match=r"leads on to https://other\.example\.com\. Name the address there"):
        web(tmp_path).fetch(f"{served.url}/away")
    served.put("/round", b"", status=302, Location="/round")
    with pytest.raises(NotFetched, match="leads on and on"):
        web(tmp_path).fetch(f"{served.url}/round")


def test_more_than_is_allowed_is_cut(served: Pages, tmp_path: Path) -> None:
    served.put("/large", b"x" * 5000)
    with pytest.raises(NotFetched, match="RISKREGISTER_FEEDS_MAX_MB"):
        web(tmp_path, size=4999).fetch(f"{served.url}/large")


def test_a_file_that_ends_too_early_is_none(served: Pages, tmp_path: Path) -> None:
    served.put("/cut", BODY, Content_Length="99999")
    with pytest.raises(NotFetched, match=r"sent 2,000 of 99,999 bytes"):
        web(tmp_path, request=2.0).fetch(f"{served.url}/cut")


def test_what_is_not_there_is_told_apart_from_what_fails(served: Pages, tmp_path: Path) -> None:
    with pytest.raises(NotThere):
        web(tmp_path).fetch(f"{served.url}/nowhere")
    served.put("/broken", b"", status=503)
    with pytest.raises(NotFetched, match="answered 503"):
        web(tmp_path).fetch(f"{served.url}/broken")
