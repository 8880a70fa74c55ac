"""The variables that configure an installation, each declared once.

`docs/configuration.md` is tested against `VARIABLES`; reading a variable that is not declared is an error.
"""

import base64
import ipaddress
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

# What Django itself asks of a key; and how those begin that manuals print.
_KEY_LENGTH = 50
_WELL_KNOWN = ("django-insecure-", "changeme", "change-me", "change_me", "replace-me", "insecure", "your-secret-key")

BASE_DIR = Path(__file__).resolve().parent.parent


class Misconfigured(Exception):
    """A variable has a value that the register cannot work with; the message says what to set."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable: its name, the value used when it is not set, and what it does."""

    name: str
    default: str
    purpose: str


VARIABLES: dict[str, Variable] = {
    variable.name: variable
    for variable in (
        Variable("RISKREGISTER_DATA_DIR", "var", "Folder for the embedded database, evidence, mail and keys."),
        Variable(
            "DATABASE_URL",
            "",
            "PostgreSQL address, postgres://user:password@host:5432/name. Empty: SQLite in the data folder.",
        ),
        Variable(
            "REDIS_URL",
            "",
            "Redis address that wakes the workers. Empty: embedded, the worker wakes when something was committed.",
        ),
        Variable(
            "SECRET_KEY",
            "",
            "Signs sessions and links: 50 random characters or more. Empty: made at first start, in the data folder.",
        ),
        Variable("SECRET_KEY_FALLBACKS", "", "Former secret keys, comma separated, still accepted for reading."),
        Variable(
            "RISKREGISTER_SEAL_KEY",
            "",
            "Seals the trail: 32 random bytes in base64. Empty: made at first start, in the data folder.",
        ),
        Variable(
            "RISKREGISTER_SEAL_KEY_FALLBACKS",
            "",
            "Former keys of the seal, comma separated: what they sealed still holds.",
        ),
        Variable("RISKREGISTER_SEAL_SYSLOG", "", "Where signed checkpoints go too, udp://host:514 or tcp://host:601."),
        Variable("RISKREGISTER_SEAL_WEBHOOK", "", "Where signed checkpoints are posted to, https://host/path."),
        Variable(
            "RISKREGISTER_SEAL_TSA", "", "Authority that stamps a checkpoint each hour (RFC 3161), https://host/path."
        ),
        Variable("RISKREGISTER_SEAL_TSA_CA", "", "File with the certificates (PEM) that its stamps must lead to."),
        Variable(
            "RISKREGISTER_OUTBOUND_ALLOW",
            "",
            "Private networks that the register may connect to, comma separated, such as 10.1.2.0/24.",
        ),
        Variable(
            "RISKREGISTER_INSPECT",
            "asked",
            "When the register connects to servers: off, asked (when somebody asks), or scheduled (by their tier too).",
        ),
        Variable(
            "RISKREGISTER_INSPECT_CREDENTIALS",
            "",
            "Where credentials for servers are, comma separated: https://host=env:NAME or https://host=file:/path.",
        ),
        Variable(
            "RISKREGISTER_INSPECT_PACKAGES",
            "",
            "Folder of prepared packages, which are started in a sandbox to look at them. Empty: none is started.",
        ),
        Variable(
            "RISKREGISTER_COLLECT",
            "asked",
            "When the register looks up packages, TLS and domains: off, asked (when somebody asks), or scheduled "
            "(by tier too).",
        ),
        Variable(
            "RISKREGISTER_NPM_URL",
            "https://registry.npmjs.org",
            "Where packages of npm are looked up, a mirror for instance. Empty: they are not.",
        ),
        Variable(
            "RISKREGISTER_PYPI_URL",
            "https://pypi.org",
            "Where packages of PyPI are looked up, a mirror for instance. Empty: they are not.",
        ),
        Variable(
            "RISKREGISTER_MCP_REGISTRY_URL",
            "https://registry.modelcontextprotocol.io",
            "Where servers are looked up in the MCP registry, a mirror for instance. Empty: they are not.",
        ),
        Variable(
            "RISKREGISTER_SCORECARD_URL",
            "",
            "Where Scorecards of repositories are looked up, such as https://api.scorecard.dev. Empty: they are not.",
        ),
        Variable(
            "RISKREGISTER_FEED",
            "off",
            "Who may read the registry of approved servers at /registry: off, token, or anonymous, as clients need it.",
        ),
        Variable(
            "RISKREGISTER_CANARY",
            "false",
            "Whether the registry and the policy files carry a canary, an entry that no client may load.",
        ),
        Variable(
            "RISKREGISTER_SILENT_AFTER_HOURS",
            "24",
            "For how many hours a client that asks regularly may be quiet before that is told. 0: it is never told.",
        ),
        Variable("DEBUG", "false", "Developer pages on errors. Never on an installation that others can reach."),
        Variable(
            "RISKREGISTER_ALLOWED_HOSTS",
            "localhost,127.0.0.1,[::1]",
            "Host names that the register answers to, comma separated.",
        ),
        Variable(
            "RISKREGISTER_ORIGIN",
            "http://localhost:8000",
            "Address under which people reach the register; used in mail and for CSRF.",
        ),
        Variable(
            "RISKREGISTER_HTTPS", "auto", "true, false, or auto: true when RISKREGISTER_ORIGIN starts with https."
        ),
        Variable(
            "RISKREGISTER_TRUSTED_PROXIES",
            "0",
            "How many reverse proxies in front append X-Forwarded-For and set X-Forwarded-Proto.",
        ),
        Variable(
            "RISKREGISTER_TIME_ZONE",
            "UTC",
            "The organisation's time zone: due dates are days in it, and times are shown in it.",
        ),
        Variable("RISKREGISTER_ORGANISATION", "Your organisation", "Name on pages and reports."),
        Variable(
            "RISKREGISTER_MAIL_URL",
            "",
            "smtp://user:password@host:587?tls=starttls. Empty: mail is written to files in the data folder.",
        ),
        Variable("RISKREGISTER_MAIL_FROM", "MCP risk register <risk-register@localhost>", "Sender of mail."),
        Variable(
            "RISKREGISTER_MAIL_PAUSE_SECONDS",
            "600",
            "What comes within so long of the last mail to a person is gathered into the next; critical things wait for"
            " a minute at most.",
        ),
        Variable(
            "RISKREGISTER_ESCALATION",
            "critical=1/3 high=3/7 medium=14/30 low=30/60",
            "Days after which what nobody has acknowledged goes to the unit's managers, and to the head, a severity.",
        ),
        Variable("RISKREGISTER_LOG_LEVEL", "INFO", "DEBUG, INFO, WARNING or ERROR; lines are JSON on standard error."),
        Variable("PORT", "8000", "Port that script/server listens on (loopback)."),
        Variable("RISKREGISTER_BIND", "127.0.0.1", "Address that script/server listens on."),
        Variable("WEB_CONCURRENCY", "1", "Web worker processes of script/server; each has four threads."),
        Variable(
            "RISKREGISTER_JOB_LEASE_SECONDS",
            "60",
            "How long a worker may be silent before its job is given to another.",
        ),
        Variable("RISKREGISTER_JOB_ATTEMPTS", "5", "Tries before a failing job stops and waits for an administrator."),
        Variable("RISKREGISTER_UPLOAD_MAX_MB", "25", "Largest evidence file."),
        Variable(
            "RISKREGISTER_QUESTION_SET",
            "0",
            "Version of the question set that new assessments start with. 0: the newest that is published.",
        ),
        Variable(
            "RISKREGISTER_BLOB_STORE_URL",
            "",
            "Bucket of evidence and issued PDFs, s3://bucket/prefix?endpoint=https://host&region=name&addressing=path."
            " Empty: files in the data folder.",
        ),
    )
}


def text(name: str) -> str:
    """Return the value of a declared variable, or its default."""
    return os.environ.get(name, "").strip() or VARIABLES[name].default


def words(name: str) -> list[str]:
    """Return a comma separated variable as a list without empty parts."""
    return [part.strip() for part in text(name).split(",") if part.strip()]


def choice(name: str, offered: tuple[str, ...]) -> str:
    """Return the value of a variable that is one of a few words; raise Misconfigured on anything else."""
    value = text(name).lower()
    if value not in offered:
        raise Misconfigured(f"{name} is {value!r}. Set one of {', '.join(offered)}.")
    return value


def flag(name: str) -> bool:
    """Return a true/false variable; raise Misconfigured on anything else."""
    value = text(name).lower()
    if value in {"true", "1", "yes", "on"}:
        return True
    if value in {"false", "0", "no", "off"}:
        return False
    raise Misconfigured(f"{name} is {value!r}. Set it to true or false.")


def number(name: str, *, at_least: int = 0) -> int:
    """Return a whole-number variable; raise Misconfigured on anything else, and on less than `at_least`."""
    value = text(name)
    if not (value.isascii() and value.isdigit()) or int(value) < at_least:
        raise Misconfigured(f"{name} is {value!r}. Set it to a whole number, at least {at_least}.")
    return int(value)


def level(name: str) -> str:
    """Return a log level; raise Misconfigured on anything else."""
    value = text(name).upper()
    if value not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise Misconfigured(f"{name} is {value!r}. Set it to DEBUG, INFO, WARNING or ERROR.")
    return value


def zone(name: str) -> str:
    """Return the name of a time zone that this machine knows; raise Misconfigured on anything else."""
    value = text(name)
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Misconfigured(f"{name} is {value!r}. Set it to a name such as UTC or Europe/Berlin.") from error
    return value


def origin(name: str) -> str:
    """Return an address without a path, such as https://register.example.org; raise Misconfigured on anything else."""
    value = text(name).rstrip("/")
    parts = split(name, value)
    plain = f"{parts.scheme}://{parts.netloc}" == value and not parts.username
    if parts.scheme not in {"http", "https"} or not parts.hostname or not plain:
        raise Misconfigured(f"{name} is no address without a path, such as https://register.example.org.")
    return value


def secret(name: str) -> str:
    """Return a key that signs, or nothing; raise Misconfigured, without quoting it, for one that can be guessed.

    On a developer's machine (DEBUG) any key will do.
    """
    value = text(name)
    known = value.lower().startswith(_WELL_KNOWN)
    if value and (known or len(value) < _KEY_LENGTH) and not flag("DEBUG"):
        what = "begins like one from a manual" if known else f"has {len(value)} characters"
        raise Misconfigured(
            f"{name} {what}. Set it to {_KEY_LENGTH} or more random characters, such as "
            "python -c 'import secrets; print(secrets.token_urlsafe(50))' prints, or leave it empty."
        )
    return value


def seal_keys(name: str) -> list[str]:
    """Return keys of the seal, comma separated; raise Misconfigured, without quoting it, for one that is none."""
    values = words(name)
    for value in values:
        try:
            size = len(base64.b64decode(value, validate=True))
        except ValueError:
            size = 0
        if size != 32:
            raise Misconfigured(
                f"{name} is no key of 32 bytes in base64. Set it to what python -c 'import base64, secrets; "
                "print(base64.b64encode(secrets.token_bytes(32)).decode())' prints, or leave it empty."
            )
    return values


def address(name: str, *, schemes: tuple[str, ...]) -> str:
    """Return an address of one of the schemes, or nothing; raise Misconfigured on anything else."""
    value = text(name)
    parts = split(name, value)
    if value and (parts.scheme not in schemes or not parts.hostname):
        raise Misconfigured(f"{name} must start with {' or '.join(f'{one}://' for one in schemes)} and name a host.")
    return value


def networks(name: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """Return networks, comma separated; raise Misconfigured on anything else."""
    try:
        return [ipaddress.ip_network(word) for word in words(name)]
    except ValueError as error:
        raise Misconfigured(f"{name} names no network: {error}. Write them as in 10.1.2.0/24.") from error


def credentials(name: str) -> dict[str, str]:
    """Return where the credential of each origin is (`env:NAME` or `file:/path`); raise Misconfigured, quoting none."""
    found: dict[str, str] = {}
    for entry in words(name):
        place, _, source = entry.partition("=")
        parts, (kind, _, where) = split(name, place), source.partition(":")
        plain = f"{parts.scheme}://{parts.netloc}" == place and parts.scheme in {"http", "https"} and not parts.username
        if not plain or not parts.hostname or kind not in {"env", "file"} or not where:
            raise Misconfigured(
                f"{name} must name an origin and where its credential is: https://host=env:NAME or "
                "https://host=file:/path. The credential itself does not belong here."
            )
        found[place.lower()] = source
    return found


def redis(name: str) -> str:
    """Return a Redis address, or nothing; raise Misconfigured on anything else."""
    value = text(name)
    if value and split(name, value).scheme not in {"redis", "rediss"}:
        raise Misconfigured(f"{name} must start with redis:// or rediss://. Leave it empty for the embedded queue.")
    return value


def data_dir() -> Path:
    """Return the absolute data folder."""
    path = Path(text("RISKREGISTER_DATA_DIR")).expanduser()
    return path if path.is_absolute() else BASE_DIR / path


def split(name: str, url: str) -> SplitResult:
    """Return the parts of an address; raise Misconfigured when its port is no port.

    The error of the library is left out: it quotes a password whose slash was not written as %2F.
    """
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - asking is what checks it
    except ValueError:
        raise Misconfigured(f"{name} is not an address. In a password write / as %2F, @ as %40 and : as %3A.") from None
    return parts
