"""docker-compose.yml, Dockerfile and .env.example agree with the schema, with each other and with the product."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
import redis
import yaml
from redis.backoff import NoBackoff
from redis.retry import Retry

from riskregister import env, variables
from tests import machines
from tests.architecture import STEP
from tests.waiting import PATIENCE, until

COMPOSE = env.BASE_DIR / "docker-compose.yml"
DOCKERFILE = env.BASE_DIR / "Dockerfile"
REQUIRED = re.compile(r"\$\{(\w+):\?set \1 in \.env\}")
# Of a service that not everybody starts: compose asks for what is required before it looks at profiles.
FROM_ENV = re.compile(rf"{REQUIRED.pattern}|\$\{{POSTGRES_COLLECTOR_PASSWORD:-\}}")


@pytest.fixture(scope="module")
def compose() -> Any:
    return yaml.safe_load(COMPOSE.read_text())


def validate(file: Path) -> subprocess.CompletedProcess[str]:
    """Check a file against the Compose Specification's schema, as check-jsonschema ships it."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(file)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_follows_the_schema_of_the_compose_specification():
    checked = validate(COMPOSE)

    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_schema_refuses_a_misspelt_key(tmp_path):
    broken = tmp_path / "docker-compose.yml"
    broken.write_text(COMPOSE.read_text().replace("depends_on:", "depend_on:"))

    assert validate(broken).returncode == 1


def test_runs_web_worker_beat_postgres_and_redis(compose):
    assert set(compose["services"]) == {"migrate", "web", "worker", "beat", "collector", "postgres", "redis"}


def test_every_lasting_service_has_a_health_check(compose):
    without = [name for name, service in compose["services"].items() if "healthcheck" not in service]

    assert without == ["migrate"]


def test_a_collector_apart_gets_neither_secrets_nor_files_nor_messages_of_the_register(compose):
    services = compose["services"]
    collector = services["collector"]

    assert collector["profiles"] == ["apart"]
    assert set(collector["environment"]) == {"DATABASE_URL", "RISKREGISTER_DATA_DIR"}
    assert "//register_collector:" in collector["environment"]["DATABASE_URL"]
    assert [one["path"] for one in collector["env_file"]] == [".env.collector"]
    assert "volumes" not in collector
    assert collector["networks"] == ["apart"]
    assert [name for name, service in services.items() if "apart" in service.get("networks", [])] == [
        "collector", "postgres",
    ]  # fmt: skip


def test_only_web_is_published_and_only_on_the_loopback_address(compose):
    published = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}

    assert published == {"web": ["127.0.0.1:${PORT:-8000}:8000"]}


def test_services_wait_for_services_that_exist_and_are_healthy(compose):
    services = compose["services"]
    for service in services.values():
        for name, wait in service.get("depends_on", {}).items():
            healthy = "healthcheck" in services[name]
            assert wait["condition"] == ("service_healthy" if healthy else "service_completed_successfully")


def test_data_lives_in_named_volumes(compose):
    mounts = [mount for service in compose["services"].values() for mount in service.get("volumes", [])]
    used = {mount.split(":")[0] for mount in mounts if not mount.startswith("./script/")}

    assert all(mount.endswith(":ro") for mount in mounts if mount.startswith("./"))
    assert used == set(compose["volumes"]) == {"data", "postgres", "redis"}


def test_holds_no_secret(compose):
    for service in compose["services"].values():
        for name, value in service.get("environment", {}).items():
            if re.search("PASSWORD|SECRET|AUTH|_URL", name):
                assert FROM_ENV.search(value), f"{name} must come from .env"
        assert "PASSWORD" not in str(service.get("command"))
        assert "PASSWORD" not in str(service.get("healthcheck"))


def test_every_service_runs_without_rights_it_does_not_need(compose):
    added = {name: service["cap_add"] for name, service in compose["services"].items() if "cap_add" in service}

    assert added == {"postgres": ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"]}
    for service in compose["services"].values():
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["read_only"] is True
        assert "/tmp" in service["tmpfs"]


def test_redis_wants_its_password_and_shows_it_to_no_other_process(compose, tmp_path):
    port = machines.free_port()
    (tmp_path / "redis-server").symlink_to(machines.redis_binary())
    command = [part.replace("$$", "$") for part in compose["services"]["redis"]["command"]]
    command[-1] = command[-1].replace("redis-server -", f"redis-server - --port {port}")

    with running(command, tmp_path) as server:
        assert greeting(port, "s3cret") == "PONG"
        assert "username-password" in greeting(port, "wrong")
        shown = " ".join(psutil.Process(server.pid).cmdline())

    assert "redis-server" in shown
    assert "s3cret" not in shown


def test_the_health_check_of_redis_fails_when_redis_refuses(compose):
    assert compose["services"]["redis"]["healthcheck"]["test"] == ["CMD", "redis-cli", "-e", "ping"]


@contextmanager
def running(command: list[str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run the command of Redis in a folder until the block ends; SIGTERM must end it, as Docker sends it."""
    given = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "REDISCLI_AUTH": "s3cret"}
    server = subprocess.Popen(command, cwd=folder, env=given, stdout=subprocess.DEVNULL)
    try:
        yield server
        server.terminate()
        assert server.wait(timeout=PATIENCE) == 0
    finally:
        server.kill()
        server.wait()


def greeting(port: int, password: str) -> str:
    """Return what Redis answers to a ping, as soon as it listens."""
    until(lambda: listens(port), what="Redis to listen")
    # No retry by the client: to it a refused password is one more broken connection.
    with redis.Redis(port=port, password=password, retry=Retry(NoBackoff(), 0)) as client:
        try:
            return "PONG" if client.ping() else ""
        except redis.AuthenticationError as refused:
            return str(refused)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_the_example_names_every_required_variable_and_no_unknown_one():
    lines = (env.BASE_DIR / ".env.example").read_text().splitlines()
    named = {line.split("=")[0] for line in lines if line and not line.startswith("#")}

    assert set(REQUIRED.findall(COMPOSE.read_text())) <= named
    assert named - set(variables.VARIABLES) == {
        "POSTGRES_PASSWORD", "POSTGRES_OWNER_PASSWORD", "POSTGRES_COLLECTOR_PASSWORD", "REDIS_PASSWORD",
    }  # fmt: skip


def test_the_example_holds_no_secret():
    lines = (env.BASE_DIR / ".env.example").read_text().splitlines()
    values = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))

    assert [values[name] for name in ("SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD")] == ["", "", ""]


def test_every_variable_that_compose_sets_is_declared(compose):
    assert set(compose["x-register"]["environment"]) <= set(variables.VARIABLES)


def test_the_image_runs_as_a_user_without_rights():
    lines = DOCKERFILE.read_text().splitlines()
    user = lines.index("USER register")

    assert user < next(number for number, line in enumerate(lines) if line.startswith("CMD"))
    assert not any(line.startswith("USER") for line in lines[user + 1 :])
    assert "HEALTHCHECK" in DOCKERFILE.read_text()


def test_the_image_keeps_caches_where_a_read_only_container_can_write(compose):
    kept = re.search(r"XDG_CACHE_HOME=(\S+)", DOCKERFILE.read_text())

    assert kept
    assert kept[1] in compose["x-register"]["tmpfs"]


def test_the_image_installs_the_same_libraries_as_the_bootstrap_script():
    packages = re.compile(r"libpango\S* libpangoft2\S* libharfbuzz\S*")
    scripted = packages.search((env.BASE_DIR / "script" / "bootstrap").read_text())

    assert scripted
    assert scripted[0].rstrip('"') in DOCKERFILE.read_text()


def test_the_image_gets_every_package_of_the_product():
    lines = (env.BASE_DIR / ".dockerignore").read_text().splitlines()

    assert {f"!{package}" for package in [*STEP, "templates", "static", "manage.py"]} <= set(lines)
