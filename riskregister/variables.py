"""The variables that configure an installation, each declared once; `docs/configuration.md` is tested against them."""

from dataclasses import dataclass


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
            "RISKREGISTER_INDICATOR_CONFIDENCE",
            "70",
            "From which confidence of its source on (1 to 100) what an indicator hits is proposed as a finding.",
        ),
        Variable(
            "RISKREGISTER_COLLECT",
            "asked",
            "When the register looks up packages, TLS and domains: off, asked (when somebody asks), or scheduled "
            "(by tier too).",
        ),
        Variable(
            "RISKREGISTER_APART",
            "",
            "Looks that collectors apart take (manage.py collect), comma separated: inspection, npm, …; on PostgreSQL.",
        ),
        Variable(
            "RISKREGISTER_FETCH_FEEDS",
            "off",
            "When feeds are fetched from addresses: off, asked (when somebody asks), or scheduled (as often as each"
            " says, too). Off, files of feeds are taken in all the same.",
        ),
        Variable(
            "RISKREGISTER_FEEDS_FOLDER",
            "",
            "Folder in which files of feeds are brought, for networks without internet. Empty: there is none.",
        ),
        Variable("RISKREGISTER_FEEDS_MAX_MB", "512", "Largest file of a feed that is fetched."),
        Variable(
            "RISKREGISTER_OSV_URL",
            "https://osv-vulnerabilities.storage.googleapis.com/{ecosystem}/all.zip",
            "Address of OSV's dumps that is offered when a feed is added; {ecosystem} stands for each of them.",
        ),
        Variable(
            "RISKREGISTER_OSV_ECOSYSTEMS",
            "npm,PyPI,Go,crates.io,Maven",
            "Ecosystems whose dumps are offered, comma separated. None is fetched before somebody adds its feed.",
        ),
        Variable(
            "RISKREGISTER_KEV_URL",
            "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json",
            "Address of the catalogue of exploited vulnerabilities that is offered when a feed is added.",
        ),
        Variable(
            "RISKREGISTER_EPSS_URL",
            "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz",
            "Address of EPSS scores that is offered when a feed is added.",
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
