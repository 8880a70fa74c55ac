"""Preparing packages with the real clients, from a registry on this machine that serves what a vendor would."""

import base64
import hashlib
import io
import json
import re
import shutil
import subprocess
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from inspection.packages import Packaged, start
from inspection.preparing import NotPrepared, prepare
from tests import cast

needs_npm = pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not on this machine")


@contextmanager
def registry(files: dict[str, bytes], agents: list[str] | None = None) -> Iterator[str]:
    """Give the address of a server of these files, by their paths; `agents` are told who asks."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = files.get(unquote(self.path))
            if agents is not None:
                agents.append(self.headers.get("User-Agent", ""))
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Type", "text/html" if self.path.endswith("/") else "application/json")
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def archive(files: dict[str, str]) -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w:gz") as packed:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(text), 0o644
            packed.addfile(entry, io.BytesIO(text.encode()))
    return written.getvalue()


def tarball(touches: Path, **more: object) -> bytes:
    """Return a package of npm whose script would touch a file when it is installed."""
    scripts = dict.fromkeys(("preinstall", "install", "postinstall"), f"touch {touches}")
    described = {"name": "@example/weather", "version": "1.2.3", "bin": "index.js", "scripts": scripts} | more
    return archive({"package/package.json": json.dumps(described), "package/index.js": "#!/usr/bin/env node\n"})


def npm_registry(packed: bytes, address: str, **more: object) -> dict[str, bytes]:
    """Return the files of a registry at an address, with one package."""
    integrity = "sha512-" + base64.b64encode(hashlib.sha512(packed).digest()).decode()
    version = {
        "name": "@example/weather", "version": "1.2.3", "bin": "index.js", "hasInstallScript": True,
        "dist": {"tarball": f"{address}weather.tgz", "integrity": integrity},
    } | more  # fmt: skip
    package = {"name": "@example/weather", "dist-tags": {"latest": "1.2.3"}, "versions": {"1.2.3": version}}
    return {"/@example/weather": json.dumps(package).encode(), "/weather.tgz": packed}


def wheel(*, demands: str = "") -> bytes:
    """Return a package of PyPI with a command of its own name, and with what it demands."""
    info, written = "example_weather-1.2.3.dist-info", io.BytesIO()
    files = {
        "weather.py": "def main():\n    pass\n",
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: example-weather\nVersion: 1.2.3\n"
        + (f"Requires-Dist: {demands}\n" if demands else ""),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": "[console_scripts]\nexample-weather = weather:main\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{name},,\n" for name in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(written, "w") as packed:
        for name, text in files.items():
            packed.writestr(name, text)
    return written.getvalue()


def weather(kind: str, folder: Path) -> Packaged:
    name = "@example/weather" if kind == "npm" else "example-weather"
    return Packaged(registry_type=kind, identifier=name, version="1.2.3", folder=folder)


@needs_npm
def test_a_package_of_npm_is_installed_without_its_scripts_and_our_variables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    touched, folder, agents = tmp_path / "touched", tmp_path / "packages", list[str]()
    # npm fills in variables that its settings name.
    (tmp_path / ".npmrc").write_text("user-agent=npm ${SECRET_KEY}\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SECRET_KEY", "k" * 50)
    packed, files = tarball(touched), dict[str, bytes]()
    digest = "sha512-" + base64.b64encode(hashlib.sha512(packed).digest()).decode()
    with registry(files, agents) as address:
        files.update(npm_registry(packed, address))
        with pytest.raises(NotPrepared, match=f"Its registry has {re.escape(digest)}, and sha512-other is on"):
            prepare(weather("npm", folder), pinned="sha512-other", registry=address)
        assert list(folder.iterdir()) == []
        done = prepare(weather("npm", folder), pinned=digest, registry=address)

    assert (done.folder, done.digest) == (folder / "npm/@example/weather/1.2.3", digest)
    assert start(weather("npm", folder)).program == ("/package/node_modules/.bin/weather",)
    assert (done.folder / "node_modules/.bin/weather").exists()
    assert not touched.exists()
    assert set(agents) == {"npm ${SECRET_KEY}"}
    assert [one.name for one in folder.iterdir()] == ["npm"]
    with pytest.raises(NotPrepared, match="It is prepared already"):
        prepare(weather("npm", folder), pinned=digest, registry="")


def repository(folder: Path, files: dict[str, str]) -> str:
    """Return the address of a repository of git with these files, each of which may be run."""
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    who = ("-c", "user.name=Vendor", "-c", "user.email=vendor@example.com")
    for words in (("init", "-q"), ("add", "-A"), (*who, "commit", "-qm", "All")):
        subprocess.run(["git", *words], cwd=folder, check=True)
    return f"git+file://{folder}"


@needs_npm
@pytest.mark.skipif(shutil.which("git") is None, reason="git is not on this machine")
def test_a_repository_that_a_package_demands_runs_nothing(tmp_path: Path):
    """The settings in a repository name the git that npm runs for what the repository demands, scripts or not."""
    touched, folder, files = tmp_path / "touched", tmp_path / "packages", dict[str, bytes]()
    inner = repository(tmp_path / "inner", {"package.json": json.dumps({"name": "inner", "version": "1.0.0"})})
    described = {
        "name": "outer", "version": "1.0.0", "scripts": {"prepare": "true"}, "devDependencies": {"inner": inner},
    }  # fmt: skip
    outer = repository(
        tmp_path / "outer",
        {
            "package.json": json.dumps(described),
            ".npmrc": "git=./git.sh\n",
            "git.sh": f'#!/bin/sh\ntouch {touched}\nexec git "$@"\n',
        },
    )
    demands = {"outer": outer}
    with registry(files) as address:
        files.update(npm_registry(tarball(touched, dependencies=demands), address, dependencies=demands))
        with pytest.raises(NotPrepared, match=r"It was not installed\."):
            prepare(weather("npm", folder), pinned="", registry=address)

    assert not touched.exists()
    assert list(folder.iterdir()) == []


def test_a_package_of_pypi_is_installed_from_a_wheel(tmp_path: Path):
    packed = wheel()
    name = "example_weather-1.2.3-py3-none-any.whl"
    files = {f"/{name}": packed, "/example-weather/": f'<a href="/{name}">{name}</a>'.encode()}
    with registry(files) as address:
        done = prepare(weather("pypi", tmp_path), pinned="", registry=address)

    assert done.digest == hashlib.sha256(packed).hexdigest()
    assert start(weather("pypi", tmp_path)).program[1:] == ("/package/bin/example-weather",)


def test_an_address_that_a_wheel_demands_is_not_built(tmp_path: Path):
    """pip builds it, whatever `--only-binary` says, and a build runs what the archive brings."""
    touched, name = tmp_path / "touched", "example_weather-1.2.3-py3-none-any.whl"
    files = {"/example-weather/": f'<a href="/{name}">{name}</a>'.encode()}
    files["/other-1.0.tar.gz"] = archive(
        {
            "other-1.0/pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "own"\nbackend-path = ["."]\n',
            "other-1.0/own.py": f"from pathlib import Path\nPath({str(touched)!r}).touch()\n",
        }
    )
    folder = tmp_path / "packages"
    with registry(files) as address:
        files[f"/{name}"] = wheel(demands=f"other @ {address}other-1.0.tar.gz")
        with pytest.raises(NotPrepared, match=r"It was not installed\..*needs something that is no wheel"):
            prepare(weather("pypi", folder), pinned="", registry=address)

    assert not touched.exists()
    assert list(folder.iterdir()) == []


def test_what_is_no_wheel_is_not_installed(tmp_path: Path):
    name = "example_weather-1.2.3.tar.gz"
    files = {f"/{name}": b"x", "/example-weather/": f'<a href="/{name}">{name}</a>'.encode()}
    with registry(files) as address, pytest.raises(NotPrepared, match=r"It was not installed\."):
        prepare(weather("pypi", tmp_path), pinned="", registry=address)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.django_db
def test_the_command_says_what_is_missing(tmp_path: Path):
    people = cast.assemble()
    server = cast.a_release(people).server
    with pytest.raises(CommandError, match="Set RISKREGISTER_INSPECT_PACKAGES to the folder"):
        call_command("prepare_package", server.ref)
    with override_settings(INSPECT_PACKAGES=str(tmp_path)):
        (tmp_path / "npm/@example/weather/1.2.3").mkdir(parents=True)
        with pytest.raises(CommandError, match=r"npm @example/weather 1\.2\.3: It is prepared already"):
            call_command("prepare_package", server.ref)
        with pytest.raises(CommandError, match="There is no server S-999"):
            call_command("prepare_package", "S-999")
