"""Reading records out of files: all that can be had is had, and nothing takes more memory than one record."""

import gzip
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from feeds import containers
from feeds.containers import Broken, Budget, Piece
from feeds.kinds import Bad, Source

RECORD = b'{"id": "A-1"}'


def zipped(path: Path, entries: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return path


def read(path: Path, name: str = "") -> list[tuple[str, bytes | str]]:
    """Return the records of a file by name, of bad ones the reason."""
    found = containers.pieces(Source(path, name or path.name))
    return [(one.name, one.data if isinstance(one, Piece) else one.why) for one in found]


def test_an_archive_has_its_records_and_nothing_else(tmp_path: Path) -> None:
    entries = {"A-1.json": RECORD, "dir.json/": b"", "dir.json/A-2.json": b"{}", "README.md": b"hello"}
    assert read(zipped(tmp_path / "all.zip", entries)) == [("A-1.json", RECORD), ("dir.json/A-2.json", b"{}")]


def test_an_archive_is_told_by_its_beginning(tmp_path: Path) -> None:
    path = zipped(tmp_path / "1.part", {"A-1.json": RECORD})
    assert read(path, "download") == [("A-1.json", RECORD)]


def test_lines_are_records_gzipped_or_not(tmp_path: Path) -> None:
    plain, packed = tmp_path / "a.jsonl", tmp_path / "a.jsonl.gz"
    plain.write_bytes(RECORD + b"\n\n{}")
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert read(plain) == read(packed) == [("line 1", RECORD), ("line 3", b"{}")]


def test_a_folder_has_the_records_of_all_files_below_it(tmp_path: Path) -> None:
    (tmp_path / "x.json").mkdir()
    (tmp_path / "x.json" / "A-1.json").write_bytes(RECORD)
    zipped(tmp_path / "all.zip", {"A-2.json": b"{}"})
    (tmp_path / "notes.txt").write_text("no record")
    assert read(tmp_path) == [("A-2.json", b"{}"), ("x.json/A-1.json", RECORD)]


def test_a_link_that_leads_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    outside, folder = tmp_path / "secret.json", tmp_path / "folder"
    outside.write_bytes(RECORD)
    folder.mkdir()
    (folder / "A-1.json").symlink_to(outside)
    assert read(folder) == [("A-1.json", "It is a link that leads out of the folder.")]


def test_a_damaged_record_of_an_archive_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("A-1.json", b'{"id": "DAMAGED"}')
        archive.writestr("A-2.json", RECORD)
    path.write_bytes(path.read_bytes().replace(b"DAMAGED", b"CHANGED"))
    first, second = read(path)
    assert (first[0], str(first[1])[:31], second) == (
        "A-1.json", "It is damaged in the archive: B", ("A-2.json", RECORD),
    )  # fmt: skip


def test_a_record_packed_with_what_needs_memory_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("A-1.json", RECORD)
    why = "It is encrypted, or packed in a way that is not read. Pack it with deflate."
    assert read(path) == [("A-1.json", why)]


def test_a_record_without_end_is_told_and_the_rest_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "RECORD_LIMIT", 1024 * 1024)
    huge = b'{"x": "' + b"a" * 3 * 1024 * 1024
    path = tmp_path / "a.jsonl"
    path.write_bytes(huge + b"\n" + RECORD)
    lines = list(containers.lines(Source(path), longest=1024 * 1024))
    assert isinstance(lines[0][1], Bad)
    assert (lines[0][1].why, lines[1]) == ("It is longer than 1 MB.", (2, RECORD))
    assert read(zipped(tmp_path / "all.zip", {"A-1.json": huge, "A-2.json": RECORD})) == [
        ("A-1.json", "It is larger than 1 MB."), ("A-2.json", RECORD),
    ]  # fmt: skip


def test_what_unpacks_without_end_is_refused() -> None:
    budget = Budget(packed=1024)
    budget.spend(64 * 1024 * 1024)
    with pytest.raises(Broken, match="It unpacks to more than 64 MB"):
        budget.spend(1)


def test_a_bomb_of_lines_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "_ALWAYS", 1024)
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(b"0\n" * 5_000_000))
    with pytest.raises(Broken, match="unpacks to more than"):
        for _line in containers.lines(Source(path)):
            pass


def test_a_cut_file_is_refused_with_the_place(tmp_path: Path) -> None:
    whole = gzip.compress(b"".join(b'{"id": "%d"}\n' % one for one in range(10_000)))
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Broken, match=r"The file is damaged after line \d+"):
        read(path)
    path = zipped(tmp_path / "all.zip", {"A-1.json": RECORD})
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(Broken, match="The archive is damaged, or lists more files"):
        read(path)


def test_an_archive_that_says_its_directory_is_huge_is_not_opened(tmp_path: Path) -> None:
    path = zipped(tmp_path / "all.zip", {"A-1.json": RECORD})
    data = bytearray(path.read_bytes())
    at = data.rfind(b"PK\x05\x06")
    data[at + 12 : at + 16] = (1 << 31).to_bytes(4, "little")
    path.write_bytes(bytes(data))
    with pytest.raises(Broken, match="lists more files than can be taken in"):
        read(path)


def test_a_document_is_read_whole_within_its_bound(tmp_path: Path) -> None:
    path = tmp_path / "kev.json"
    path.write_bytes(gzip.compress(b"x" * 100))
    assert containers.document(Source(path)) == b"x" * 100
    with pytest.raises(Broken, match="larger than 0 MB"):
        containers.document(Source(path), limit=99)
    with pytest.raises(Broken, match="Name one file"):
        containers.document(Source(tmp_path))
