"""Variables that cannot be right stop the start, each with a sentence that names it."""

import os
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from riskregister import addresses, env, variables
from tests.tables import for_each

SETTINGS = env.BASE_DIR / "riskregister" / "settings.py"


def settings_with(monkeypatch: pytest.MonkeyPatch, folder: Path, **given: str) -> dict[str, Any]:
    """Return the settings of an installation that is given these variables and no others."""
    for name in variables.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, value in {"RISKREGISTER_DATA_DIR": str(folder), **given}.items():
        monkeypatch.setenv(name, value)
    return runpy.run_path(str(SETTINGS))


@for_each(
    ("name", "values"),
    [
        ("DEBUG", ["maybe", "2"]),
        ("RISKREGISTER_HTTPS", ["perhaps"]),
        ("RISKREGISTER_TRUSTED_PROXIES", ["-1", "one", "\N{SUPERSCRIPT TWO}", "1.5"]),
        ("RISKREGISTER_JOB_ATTEMPTS", ["0", "-5"]),
        ("RISKREGISTER_JOB_LEASE_SECONDS", ["0"]),
        ("RISKREGISTER_UPLOAD_MAX_MB", ["0", "25 MB"]),
        ("RISKREGISTER_LOG_LEVEL", ["LOUD"]),
        ("RISKREGISTER_TIME_ZONE", ["Mars/Olympus", "Europe", "../etc/passwd", "/etc/localtime"]),
        ("RISKREGISTER_ORIGIN", ["register.example.org", "ftp://a.example", "https://", "https://a.example/register",
                                 "https://a.example:port", "https://me@a.example", "https://a.example?x=1"]),
        ("DATABASE_URL", ["mysql://a/b", "postgres://a:s3cret@b:port/c", "postgres://a:s3cret/1@b/c", "sqlite:///x"]),
        ("SECRET_KEY", ["s3cret", "k" * 49, "django-insecure-s3cret" + "k" * 50, "ChangeMe" + "k" * 50]),
        ("REDIS_URL", ["http://a", "localhost:6379", "redis://:s3cret@a:99999/0"]),
        ("RISKREGISTER_BLOB_STORE_URL", ["/srv/files", "https://bucket", "s3://", "s3://me:s3cret@bucket", "s3://b:9000/x",
                                         "s3://b?endpoint=minio:9000", "s3://b?secret_key=s3cret", "s3://b?addressing=x",
                                         "s3://b?endpoint=https://me:s3cret@minio"]),
        ("RISKREGISTER_ESCALATION", ["critical=1/3", "critical=3/1 high=3/7 medium=14/30 low=30/60",
                                     "critical=1/3 high=3/7 medium=14/30 low=x/60",
                                     "critical=1/3 high=3/7 medium=14/30 low=30/60 worst=0/0"]),
        ("RISKREGISTER_MAIL_URL", ["http://a", "smtp://", "smtp://me:s3cret@a:99999", "smtp://a?tls=perhaps"]),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_right_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, values: list[str]
) -> None:
    for value in values:
        with pytest.raises(env.Misconfigured) as refused:
            settings_with(monkeypatch, tmp_path, **{name: value})
        assert str(refused.value).startswith(name)
        assert str(refused.value).endswith(".")
        assert "s3cret" not in str(refused.value)


def test_values_that_are_right_are_taken_as_they_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given = {
        "RISKREGISTER_ORIGIN": "https://register.example.org:8443/",
        "RISKREGISTER_TIME_ZONE": "Europe/Berlin",
        "RISKREGISTER_LOG_LEVEL": "error",
        "REDIS_URL": "rediss://:p%40ss@redis:6380/1",
        "DATABASE_URL": "postgres://register:p%40ss@db:5433/register?sslmode=require",
        "RISKREGISTER_MAIL_URL": "smtp://me:p%40ss@mail.example:587?tls=starttls",
    }
    made = settings_with(monkeypatch, tmp_path, **given)
    database = made["DATABASES"]["default"]

    assert (made["ORIGIN"], made["HTTPS"], made["TIME_ZONE"]) == (
        "https://register.example.org:8443", True, "Europe/Berlin",
    )  # fmt: skip
    assert made["LOGGING"]["root"]["level"] == "ERROR"
    assert made["CELERY_BROKER_URL"] == given["REDIS_URL"]
    assert (database["PASSWORD"], database["PORT"], database["OPTIONS"]) == (
        "p@ss",
        "5433",
        {"connect_timeout": "5", "sslmode": "require", "options": "-c jit=off -c random_page_cost=1.1"},
    )
    assert (made["EMAIL_HOST_PASSWORD"], made["EMAIL_PORT"], made["EMAIL_USE_TLS"]) == ("p@ss", 587, True)


def test_what_an_address_asks_of_postgresql_counts_before_what_the_register_asks() -> None:
    url = "postgres://register@db/register?options=-c%20work_mem%3D64MB%20-c%20jit%3Don"
    made = addresses.database(url, sqlite_file=Path("unused"))
    assert made["OPTIONS"] == {
        "connect_timeout": "5",
        "options": "-c jit=off -c random_page_cost=1.1 -c work_mem=64MB -c jit=on",
    }


@pytest.mark.engine
@pytest.mark.skipif(connection.vendor != "postgresql", reason="of PostgreSQL alone")
@pytest.mark.django_db
def test_statements_are_planned_for_short_ones_and_not_compiled() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('jit'), current_setting('random_page_cost')")
        assert cursor.fetchone() == ("off", "1.1")


def test_files_lie_in_a_folder_unless_a_bucket_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert settings_with(monkeypatch, tmp_path)["STORAGES"]["blobs"] == {"BACKEND": "evidence.folder.Folder"}
    url = "s3://files/risk/register/?endpoint=https://minio.example:9000&region=eu-central-1&addressing=path"
    made = settings_with(monkeypatch, tmp_path, RISKREGISTER_BLOB_STORE_URL=url)["STORAGES"]["blobs"]
    assert made == {
        "BACKEND": "evidence.bucket.Bucket",
        "OPTIONS": {
            "bucket_name": "files",
            "location": "risk/register",
            "endpoint_url": "https://minio.example:9000",
            "region_name": "eu-central-1",
            "addressing_style": "path",
        },
    }


def test_a_key_of_a_developer_may_be_any_and_none_is_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert settings_with(monkeypatch, tmp_path, SECRET_KEY="s3cret", DEBUG="true")["SECRET_KEY"] == "s3cret"
    assert settings_with(monkeypatch, tmp_path, SECRET_KEY="k" * 50)["SECRET_KEY"] == "k" * 50
    # A former key is only read with: refusing it would end every session that it signed.
    made = settings_with(monkeypatch, tmp_path, SECRET_KEY_FALLBACKS="short")
    assert (made["SECRET_KEY_FALLBACKS"], len(made["SECRET_KEY"]) >= 50) == (["short"], True)


@for_each("command", [["check"], ["serve", "--empty"]])
def test_a_command_ends_with_the_sentence_alone(tmp_path: Path, command: list[str]) -> None:
    inherited = {name: value for name, value in os.environ.items() if name not in variables.VARIABLES}
    ended = subprocess.run(
        [sys.executable, str(env.BASE_DIR / "manage.py"), *command],
        env={**inherited, "RISKREGISTER_DATA_DIR": str(tmp_path), "RISKREGISTER_JOB_ATTEMPTS": "none"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == "RISKREGISTER_JOB_ATTEMPTS is 'none'. Set it to a whole number, at least 1.\n"


def test_a_data_folder_that_is_made_is_for_its_owner_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    usual = os.umask(0o022)
    try:
        settings_with(monkeypatch, tmp_path / "new")
    finally:
        os.umask(usual)

    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "new" / "secret_key").stat().st_mode & 0o777 == 0o600
