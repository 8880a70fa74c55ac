"""The throw-away servers: they come up from this machine's programs and from the packages, and leave nothing behind."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from riskregister.env import BASE_DIR
from tests import machines, packaged_chromium
from tests.waiting import PATIENCE, is_gone, until

pytestmark = pytest.mark.slow


def servers() -> set[int]:
    """Return the servers below this process, in which other tests may drive a browser that starts and ends its own."""
    below = psutil.Process().children(recursive=True)
    return {one.pid for one in below if _name(one).startswith(("postgres", "redis-server", "valkey-server"))}


def _name(process: psutil.Process) -> str:
    try:
        return str(process.name())
    except psutil.NoSuchProcess:
        return ""


@pytest.mark.parametrize("source", ["", "wheel"], ids=["found", "wheel"])
def test_postgresql_answers_and_is_gone_afterwards(monkeypatch, source):
    monkeypatch.setenv("POSTGRES_BIN", source)
    before = servers()

    with machines.postgres() as machine:
        with psycopg.connect(machine.url) as connection:
            row = connection.execute("SELECT 6 * 7, current_setting('data_directory')").fetchone()
            during = servers()
        assert row
        answer, data = row

    assert answer == 42
    assert machine.version.startswith("PostgreSQL 1")
    assert during > before
    assert servers() == before
    assert not Path(data).exists()


@pytest.mark.parametrize("source", ["", "wheel"], ids=["found", "wheel"])
def test_redis_answers_and_is_gone_afterwards(monkeypatch, source):
    monkeypatch.setenv("REDIS_BIN", source)
    before = servers()

    with machines.redis_server() as machine, redis.Redis.from_url(f"{machine.url}/63") as client:
        client.set("answer", 42)
        assert client.get("answer") == b"42"
        during = servers()

    assert machine.version.startswith(("Redis ", "Valkey "))
    assert during > before
    assert servers() == before


def test_strangers_on_this_machine_are_refused():
    with machines.postgres() as database, machines.redis_server() as broker:
        without_password = f"redis://{broker.url.split('@')[1]}"
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(database.url.replace("register:", "register:x"))
        with pytest.raises(redis.AuthenticationError), redis.Redis.from_url(without_password) as client:
            client.ping()


def test_a_terminated_run_stops_its_servers():
    command = [sys.executable, "-m", "tests.machines", sys.executable, "-c", "print('up', flush=True); input()"]
    surroundings = {**os.environ, "DJANGO_SETTINGS_MODULE": "riskregister.settings"}
    running = subprocess.Popen(
        command, cwd=BASE_DIR, env=surroundings, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert running.stdout
    while running.stdout.readline() != "up\n":
        assert running.poll() is None
    started = psutil.Process(running.pid).children(recursive=True)

    running.send_signal(signal.SIGTERM)
    running.wait(timeout=PATIENCE)

    assert len(started) >= 2
    until(lambda: all(is_gone(process) for process in started), what="the end of the servers")


def test_an_unusable_browser_is_named_with_the_way_out(monkeypatch, tmp_path):
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("os.getuid", lambda: 1000)
    monkeypatch.setattr(packaged_chromium, "find", lambda: None)

    with pytest.raises(machines.NotAvailable, match="set CHROMIUM to the path"):
        machines.chromium()


def test_a_browser_package_that_is_not_the_pinned_one_is_refused(tmp_path):
    with pytest.raises(ValueError, match="not the package that was pinned"):
        packaged_chromium.unpack(b"something else", tmp_path / "chromium")

    assert list(tmp_path.iterdir()) == []
