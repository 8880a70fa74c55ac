"""A Chromium for people who may not install one: npm's @sparticuz/chromium, else what Playwright downloads."""

import hashlib
import io
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import brotli
from playwright.sync_api import sync_playwright

from tests.waiting import PATIENCE

VERSION = "147.0.0"
SHA512 = (
    "e1929e01041af2ea769adebbe6a4a2b73b4b75b42b95ff0129d0b99da79aa7ee"
    "4cbf5395d4e94974fa14f84242fe9e6c414254426378afeab9f8485a68e507a5"
)
# The program brings libraries that a bare machine lacks, and its fonts.conf names folders of another one.
STARTER = """#!/bin/sh
export LD_LIBRARY_PATH="{folder}/lib" FONTCONFIG_FILE="{folder}/fonts.conf"
exec "{folder}/chromium" "$@"
"""
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{folder}/fonts</dir><dir>/usr/share/fonts</dir><cachedir>{folder}/fonts-cache</cachedir>
</fontconfig>
"""


def find() -> Path | None:
    """Return a Chromium kept in the virtual environment or fetched now; None when neither way is open."""
    starter = Path(sys.prefix) / f"chromium-{VERSION}" / "start"
    if starter.exists() or _from_npm(starter.parent):
        return starter
    return _from_playwright()


def _from_npm(target: Path) -> bool:
    if platform.system() != "Linux" or platform.machine() != "x86_64" or not shutil.which("npm"):
        return False
    print(f"Fetching Chromium (npm package @sparticuz/chromium {VERSION}) ...", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        pack = ["npm", "pack", "--silent", f"@sparticuz/chromium@{VERSION}"]
        fetched = subprocess.run(pack, cwd=folder, stdout=subprocess.DEVNULL, check=False)
        packages = list(Path(folder).glob("*.tgz"))
        if fetched.returncode or not packages:
            return False
        unpack(packages[0].read_bytes(), target)
    return True


def unpack(package: bytes, target: Path) -> None:
    """Unpack the npm package into a folder with a program `start`; raise ValueError when it is not the pinned one."""
    if hashlib.sha512(package).hexdigest() != SHA512:
        raise ValueError(f"@sparticuz/chromium {VERSION} is not the package that was pinned.")
    draft = Path(tempfile.mkdtemp(dir=target.parent))
    with tarfile.open(fileobj=io.BytesIO(package)) as outer:
        for member in outer.getmembers():
            packed = outer.extractfile(member) if member.name.startswith("package/bin/") else None
            if packed:
                _unpack_part(Path(member.name).name, brotli.decompress(packed.read()), draft)
    (draft / "fonts.conf").write_text(FONTS.format(folder=target))
    start = draft / "start"
    start.write_text(STARTER.format(folder=target))
    for program in (start, draft / "chromium"):
        program.chmod(0o755)
    draft.chmod(0o755)
    draft.rename(target)


def _unpack_part(name: str, data: bytes, folder: Path) -> None:
    if not name.endswith(".tar.br"):
        (folder / name.removesuffix(".br")).write_bytes(data)
        return
    with tarfile.open(fileobj=io.BytesIO(data)) as part:
        # Python 3.11.2 has no filter yet; the contents are those of the pinned digest.
        part.extractall(folder)


def _from_playwright() -> Path | None:
    print("Fetching Chromium (playwright install) ...", flush=True)
    fetch = [sys.executable, "-m", "playwright", "install", "chromium"]
    subprocess.run(fetch, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, timeout=2 * PATIENCE)
    with sync_playwright() as playwright:
        binary = Path(playwright.chromium.executable_path)
    # A machine without the libraries it needs has the file, and cannot start it.
    return binary if binary.exists() and os.access(binary, os.X_OK) and _starts(binary) else None


def _starts(binary: Path) -> bool:
    return subprocess.run([binary, "--version"], capture_output=True, check=False, timeout=PATIENCE).returncode == 0
