"""A data folder that is full or may only be read: said in a sentence at the start, and told while it runs."""

import base64
import shutil
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from json import loads
from pathlib import Path
from typing import Any

import pytest

from operations import data_folder
from riskregister import limits
from tests import template
from tests.installation import Installation

pytestmark = pytest.mark.slow


@contextmanager
def disk(folder: Path, size: str) -> Iterator[Callable[[str], object]]:
    """Put a disk of its own at the folder; yield what mounts it anew with other options."""
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=False).returncode:
        pytest.skip("needs the right to mount a file system")
    try:
        yield lambda options: subprocess.check_call(["mount", "-o", f"remount,{options}", folder])
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def refused(installation: Callable[..., Installation], folder: Path) -> str:
    code, printed = installation("--empty", folder=folder).ending()
    assert code == 1
    assert "Traceback" not in printed
    return printed


def test_a_start_on_a_disk_that_may_only_be_read_is_refused_in_a_sentence(installation: Any, tmp_path: Path) -> None:
    with disk(tmp_path / "disk", "100m") as again:
        assert data_folder.trouble(tmp_path / "disk") == ""
        again("ro")

        assert data_folder.trouble(tmp_path / "disk") == "read-only"
        assert "cannot be written to the data folder" in refused(installation, tmp_path / "disk")


def test_so_is_one_with_keys_on_it(installation: Any, tmp_path: Path) -> None:
    with disk(tmp_path / "disk", "100m") as again:
        folder = template.copy_into(tmp_path / "disk" / "data")
        (folder / "secret_key").write_text("k" * 60)
        (folder / "seal_key").write_text(base64.b64encode(bytes(range(32))).decode())
        again("ro")

        assert "Nothing can be written to the data folder" in refused(installation, tmp_path / "disk" / "data")


def test_a_start_on_a_disk_without_room_is_refused_in_a_sentence(installation: Any, tmp_path: Path) -> None:
    with disk(tmp_path / "disk", "2m"):
        printed = refused(installation, tmp_path / "disk")

        assert "64 are needed. Make room." in printed


def test_a_disk_that_fills_up_is_told_while_pages_are_served(installation: Any, tmp_path: Path) -> None:
    with disk(tmp_path / "disk", "110m"):
        folder = template.copy_into(tmp_path / "disk" / "data")
        running = installation("--empty", folder=folder)
        address = running.address()
        assert ready(address)["data_folder"] == "ok"

        room = shutil.disk_usage(folder).free - data_folder.ROOM
        (folder / "filling").write_bytes(bytes(room + limits.MIB))

        told = ready(address)
        assert (told["status"], told["data_folder"]) == ("degraded", "full")
        assert running.status(f"{address}/sign-in/") == 200
        (folder / "filling").unlink()
        assert ready(address)["data_folder"] == "ok"
        running.stop()


def ready(address: str) -> Any:
    with urllib.request.urlopen(f"{address}/readyz") as answer:
        return loads(answer.read())
