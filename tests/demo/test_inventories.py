"""The inventories of the example are the public files that they say they are, and its feeds are read whole."""

import hashlib
import re

from composition.advisories.exploited import Exploited
from composition.advisories.osv_dumps import OsvDumps
from composition.documents import reading
from feeds.kinds import Record, Source
from riskregister.env import BASE_DIR

FOLDER = BASE_DIR / "demo" / "inventories"
FEEDS = BASE_DIR / "demo" / "feeds"
ROW = re.compile(r"^\| `([^`]+)` \|.*\| ([0-9a-f]{64}) \|$", re.MULTILINE)


def test_every_lock_file_is_the_one_whose_digest_is_written_beside_its_source() -> None:
    listed = dict(ROW.findall((FOLDER / "README.md").read_text(encoding="utf-8")))
    kept = {
        path.relative_to(FOLDER).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in FOLDER.glob("*/*")
        if path.parent.name != "licences"
    }
    assert listed == kept
    assert len(kept) == 5


def test_every_inventory_is_read_whole() -> None:
    files = [
        *(path for path in FOLDER.glob("*/*") if path.suffix != ".txt"),
        FOLDER / "aws-documentation-image.cdx.json",
    ]
    counts = {
        path.relative_to(FOLDER).parts[0]: len(reading.read(path.name, path.read_bytes()).components) for path in files
    }
    assert counts == {
        "context7": 678, "git-2026-06-29": 45, "git-2026-07-29": 45, "time": 47, "playwright": 97,
        "aws-documentation-image.cdx.json": 3,
    }  # fmt: skip


def test_every_record_of_a_feed_can_be_read() -> None:
    files = {"advisories-1.jsonl": OsvDumps(), "advisories-2.jsonl": OsvDumps(), "exploited.json": Exploited()}
    found = {name: list(kind.read(Source(FEEDS / name, name))) for name, kind in files.items()}
    assert {name: len(records) for name, records in found.items()} == {
        "advisories-1.jsonl": 2, "advisories-2.jsonl": 5, "exploited.json": 9,
    }  # fmt: skip
    assert {type(one) for records in found.values() for one in records} == {Record}
