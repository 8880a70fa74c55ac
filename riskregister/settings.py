"""Settings of every installation; what differs between them comes from the variables in `variables.py`."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from riskregister import addresses, env, escalation_times, keys, limits

VERSION = "0.1.0"
BASE_DIR = env.BASE_DIR
DATA_DIR = env.data_dir()
DEBUG = env.flag("DEBUG")
ORIGIN = env.origin("RISKREGISTER_ORIGIN")
ORGANISATION = env.text("RISKREGISTER_ORGANISATION")
HTTPS = ORIGIN.startswith("https://") if env.text("RISKREGISTER_HTTPS") == "auto" else env.flag("RISKREGISTER_HTTPS")

SECRET_KEY = keys.secret_key(env.secret("SECRET_KEY"), folder=DATA_DIR)
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
SEAL_KEYS = [
    keys.seal_key("".join(env.seal_keys("RISKREGISTER_SEAL_KEY")[:1]), folder=DATA_DIR),
    *env.seal_keys("RISKREGISTER_SEAL_KEY_FALLBACKS"),
]
SEAL_SYSLOG = env.address("RISKREGISTER_SEAL_SYSLOG", schemes=("udp", "tcp"))
SEAL_WEBHOOK = env.address("RISKREGISTER_SEAL_WEBHOOK", schemes=("https", "http"))
SEAL_TSA = env.address("RISKREGISTER_SEAL_TSA", schemes=("https", "http"))
SEAL_TSA_CA = env.text("RISKREGISTER_SEAL_TSA_CA")
FEED = env.choice("RISKREGISTER_FEED", ("off", "token", "anonymous"))
CANARY = env.flag("RISKREGISTER_CANARY")
SILENT_AFTER = timedelta(hours=env.number("RISKREGISTER_SILENT_AFTER_HOURS"))
OUTBOUND_ALLOW = env.networks("RISKREGISTER_OUTBOUND_ALLOW")
INSPECT = env.choice("RISKREGISTER_INSPECT", ("off", "asked", "scheduled"))
COLLECT = env.choice("RISKREGISTER_COLLECT", ("off", "asked", "scheduled"))
APART = env.choices(
    "RISKREGISTER_APART",
    ("inspection", "npm", "pypi", "tls", "authentication", "security_txt", "registry", "scorecard"),
)
FETCH_FEEDS = env.choice("RISKREGISTER_FETCH_FEEDS", ("off", "asked", "scheduled"))
FEEDS_FOLDER = env.text("RISKREGISTER_FEEDS_FOLDER")
FEEDS_MAX_BYTES = env.number("RISKREGISTER_FEEDS_MAX_MB", at_least=1) * limits.MIB
OSV_URL = env.text("RISKREGISTER_OSV_URL")
OSV_ECOSYSTEMS = env.words("RISKREGISTER_OSV_ECOSYSTEMS")
KEV_URL = env.address("RISKREGISTER_KEV_URL", schemes=("https", "http"))
EPSS_URL = env.address("RISKREGISTER_EPSS_URL", schemes=("https", "http"))
NPM_URL = env.address("RISKREGISTER_NPM_URL", schemes=("https", "http")).rstrip("/")
SCORECARD_URL = env.address("RISKREGISTER_SCORECARD_URL", schemes=("https", "http")).rstrip("/")
MCP_REGISTRY_URL = env.address("RISKREGISTER_MCP_REGISTRY_URL", schemes=("https", "http")).rstrip("/")
PYPI_URL = env.address("RISKREGISTER_PYPI_URL", schemes=("https", "http")).rstrip("/")
INSPECT_CREDENTIALS = env.credentials("RISKREGISTER_INSPECT_CREDENTIALS")
INDICATOR_CONFIDENCE = env.number("RISKREGISTER_INDICATOR_CONFIDENCE", at_least=1)
INSPECT_PACKAGES = env.text("RISKREGISTER_INSPECT_PACKAGES")
ALLOWED_HOSTS = env.words("RISKREGISTER_ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = [ORIGIN]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "auditlog",
    "axes",
    "csp",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "rest_framework",
    "template_partials",
    "audit",
    "numbering",
    "jobs",
    "accounts",
    "seal",
    "evidence",
    "vendors",
    "exits",
    "escalations",
    "catalogue",
    "assessments",
    "findings",
    "decisions",
    "landscape",
    "assurance",
    "contracts",
    "monitoring",
    "feeds",
    "inspection",
    "collectors",
    "discovery",
    "composition",
    "intelligence",
    "containment",
    "intake",
    "controls",
    "work",
    "alerts",
    "reports",
    "operations",
    "web",
    "api",
    "demo",
]

MIDDLEWARE = [
    # First, so that static files, redirects and refusals carry the policy too.
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "riskregister.staticfiles.StaticFiles",
    "riskregister.keeping.KeptByNobody",
    "riskregister.bodies.BodyLimits",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "audit.middleware.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "riskregister.urls"
WSGI_APPLICATION = "riskregister.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "web.context.page",
            ],
            "builtins": ["template_partials.templatetags.partials"],
        },
    }
]

DATABASES: dict[str, dict[str, Any]] = {
    "default": addresses.database(env.text("DATABASE_URL"), sqlite_file=DATA_DIR / "register.sqlite3"),
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = int(timedelta(hours=72).total_seconds())
LOGIN_URL = "web:sign-in"
LOGIN_REDIRECT_URL = "web:home"
LOGOUT_REDIRECT_URL = "web:sign-in"

# Locked is a person at an address, never the person alone: a stranger cannot lock somebody out from elsewhere.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
# Else axes takes "email" (USERNAME_FIELD), which Django's failed-sign-in signal does not carry: nobody is locked out.
AXES_USERNAME_FORM_FIELD = "username"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "web.accounts.signin.locked_out"
AXES_CLIENT_IP_CALLABLE = "audit.middleware.client_address"
AXES_VERBOSE = False

LANGUAGE_CODE = "en-gb"
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.zone("RISKREGISTER_TIME_ZONE")
DATE_FORMAT = "j M Y"
DATETIME_FORMAT = "j M Y H:i"

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
_collected = (STATIC_ROOT / "staticfiles.json").exists()
WHITENOISE_USE_FINDERS = not _collected
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if _collected
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
    "blobs": addresses.blobs(env.text("RISKREGISTER_BLOB_STORE_URL")),
}
# Also where uploads arrive, wherever they are kept in the end.
EVIDENCE_DIR = DATA_DIR / "evidence"
QUESTION_SET = env.number("RISKREGISTER_QUESTION_SET")
UPLOAD_MAX_BYTES = env.number("RISKREGISTER_UPLOAD_MAX_MB", at_least=1) * limits.MIB
DATA_UPLOAD_MAX_MEMORY_SIZE = limits.BODY
FILE_UPLOAD_MAX_MEMORY_SIZE = limits.MIB
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "evidence.uploads.ArrivingFileHandler",
]

SESSION_ENGINE = "accounts.sign_in.sessions"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "riskregister_session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "riskregister_csrf"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
TRUSTED_PROXIES = env.number("RISKREGISTER_TRUSTED_PROXIES")
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
        "manifest-src": [SELF],
    }
}

globals().update(addresses.mail(env.text("RISKREGISTER_MAIL_URL"), folder=DATA_DIR / "mail"))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("RISKREGISTER_MAIL_FROM")
MAIL_PAUSE = timedelta(seconds=env.number("RISKREGISTER_MAIL_PAUSE_SECONDS"))
ESCALATION = escalation_times.read("RISKREGISTER_ESCALATION", severities=("critical", "high", "medium", "low"))
MESSAGE_ID_DOMAIN = urlsplit(ORIGIN).hostname or "localhost"

REDIS_URL = env.redis("REDIS_URL")
CELERY_BROKER_URL = REDIS_URL or "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    # Whoever publishes is a person's request: a broker that hangs must not hold it. Workers poll for a second each.
    "socket_connect_timeout": 2,
    "socket_timeout": 2,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
# The safety net behind the messages; without a broker jobs.embedded does the work.
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "jobs.celery_tasks.sweep", "schedule": 5.0, "options": {"expires": 5}},
    "plan": {"task": "jobs.celery_tasks.plan", "schedule": 5.0, "options": {"expires": 30}},
}
JOB_LEASE = timedelta(seconds=env.number("RISKREGISTER_JOB_LEASE_SECONDS", at_least=1))
JOB_ATTEMPTS = env.number("RISKREGISTER_JOB_ATTEMPTS", at_least=1)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "api.auth.TokenAuthentication",
        "api.auth.BrowserSession",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated", "api.auth.MayTry"],
    "DEFAULT_THROTTLE_CLASSES": ["api.throttles.PerMinute"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "api.negotiation.JSONOnly",
    "DEFAULT_PARSER_CLASSES": ["api.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["api.renderers.JSONRenderer"],
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_FILTER_BACKENDS": ["api.filters.Filters"],
    "DEFAULT_PAGINATION_CLASS": "api.pagination.Keyset",
    "DEFAULT_SCHEMA_CLASS": "api.description.schema.Described",
    "EXCEPTION_HANDLER": "api.errors.problem_response",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "MCP vendor risk register",
    "DESCRIPTION": "Vendors, MCP servers, assessments, findings, reviews and reports.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    # Choices stand where they are used: gathered by name, the ten kinds of status would get names nobody can read.
    "POSTPROCESSING_HOOKS": ["api.description.schema.without_marks"],
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
}

AUDITLOG_DISABLE_REMOTE_ADDR = True
AUDITLOG_USE_FK_STRING_REPRESENTATION = True
AUDITLOG_MASK_CALLABLE = "audit.diffs.mask"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "riskregister.logs.JsonFormatter"}},
    "filters": {"occasion": {"()": "audit.logs.OfTheOccasion"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["occasion"]}},
    "root": {"handlers": ["stderr"], "level": env.level("RISKREGISTER_LOG_LEVEL")},
    "loggers": {
        "django.server": {"handlers": ["stderr"], "propagate": False},
        "axes": {"level": "WARNING"},
        # Celery reports every sweep; its errors stay.
        "celery": {"level": "WARNING"},
        "kombu": {"level": "ERROR"},
    },
}
