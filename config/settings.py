"""Django settings: one file for production, demo and tests, set by the environment (docs/operations.md)."""

import os
from pathlib import Path

from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

from config.catalogues import compile_catalogues
from config.databases import celery_broker, database_from, redis_database
from config.local_servers import find_servers
from config.state import BASE_DIR, secret_key, state_folder
from config.unfold import UNFOLD  # noqa: F401 (read by django-unfold)
from core.logs import logging_config


def flag(name: str, default: bool = False) -> bool:
    """An environment variable as a yes or no."""
    return os.environ.get(name, str(default)).lower() in {"1", "true", "yes", "on"}


def words(name: str, default: str = "") -> list[str]:
    """An environment variable as a list; commas separate."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


STATE_DIR = state_folder()
PROCESS = os.environ.get("NUANLIN_PROCESS", "command")
"""What this process is: web, worker or command. It decides how long PostgreSQL may make it wait."""

# Doors --------------------------------------------------------------------------------------------
DEBUG = flag("DEBUG")
SECRET_KEY = secret_key()
ALLOWED_HOSTS = words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
PUBLIC_URL = os.environ.get("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
"""The address people reach us at: pay links in messages, QR codes on paper, callbacks of the gateways."""
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.inlines",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django_celery_beat",
    "django_filters",
    "django_htmx",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "drf_spectacular",
    "rest_framework",
    "axes",
    "csp",
    "core",
    "estates",
    "users",
    "ledger",
    "messaging",
    "billing",
    "payments",
    "dunning",
    "dashboards",
    "portal",
    "simulation",
    "config",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "config.sessions.IdleSessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "users.middleware.SessionVersionMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "core.middleware.RequestContextMiddleware",
    "config.language.PersonLanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.security.ContentSecurityMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "core.middleware.DomainErrorMiddleware",
    "axes.middleware.AxesMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ],
        },
    },
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 2**20
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000

# Engines ------------------------------------------------------------------------------------------
servers = find_servers(STATE_DIR)
DATABASE_URL = os.environ.get("DATABASE_URL") or (
    servers.database_url if servers else "postgresql:///nuanlin"
)
REDIS_URL = os.environ.get("REDIS_URL") or (servers.redis_url if servers else "redis://127.0.0.1:6379")
REDIS_FIRST_DATABASE = int(os.environ.get("NUANLIN_REDIS_FIRST_DATABASE", "0"))
"""Jobs use this numbered database and the cache the next, so that clearing the cache never loses a job."""

DATABASES = {"default": database_from(DATABASE_URL, process=PROCESS)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": redis_database(REDIS_URL, REDIS_FIRST_DATABASE + 1),
        "KEY_PREFIX": "nuanlin",
    }
}
CELERY_BROKER_URL = celery_broker(REDIS_URL, REDIS_FIRST_DATABASE)

# People -------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "users.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [
    ["username", "ip_address"]
]  # both: a stranger cannot lock a clerk out by her name alone
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
OTP_TOTP_ISSUER = "暖邻 Nuanlin"

SESSION_ENGINE = "django.contrib.sessions.backends.db"  # money pages work while Valkey is down
SESSION_COOKIE_AGE = 12 * 3600
SESSION_IDLE_SECONDS = 30 * 60
SESSION_COOKIE_NAME = "nuanlin_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "nuanlin_csrf"
CSRF_COOKIE_HTTPONLY = False  # htmx reads it
CSRF_COOKIE_SAMESITE = "Lax"

# Security headers ---------------------------------------------------------------------------------
SECURE = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = SECURE
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if flag("BEHIND_PROXY") else None
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {  # the staff pages need more: config/security.py
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "font-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}

# Language and time --------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LANGUAGE_COOKIE_NAME = "nuanlin_language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS = [STATE_DIR / "locale"]
compile_catalogues(
    LOCALE_PATHS[0]
)  # here: while models load, Django already translates and keeps what it read
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
FIRST_DAY_OF_WEEK = 1

# Files --------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("STATIC_ROOT", STATE_DIR / "static"))
STATIC_ROOT.mkdir(exist_ok=True)
COLLECTED_STATIC = flag("COLLECTED_STATIC")  # else files are served from where they are
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = Path(os.environ.get("MEDIA_ROOT", STATE_DIR / "media"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if COLLECTED_STATIC
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not COLLECTED_STATIC
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = [
    "jpg",
    "jpeg",
    "png",
    "gif",
    "webp",
    "zip",
    "gz",
    "br",
    "woff",
    "woff2",
    "map",
]
WHITENOISE_MAX_AGE = 3600

# Messages -----------------------------------------------------------------------------------------
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if os.environ.get("EMAIL_HOST")
    else "django.core.mail.backends.filebased.EmailBackend"
)
EMAIL_FILE_PATH = STATE_DIR / "mail"
EMAIL_HOST = os.environ.get("EMAIL_HOST", "localhost")
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = flag("EMAIL_USE_TLS")
EMAIL_TIMEOUT = 10
MESSAGE_CHANNELS = words("MESSAGE_CHANNELS", "file")  # in order of preference: file, email
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "Nuanlin <no-reply@localhost>")

# Logs ---------------------------------------------------------------------------------------------
LOG_JSON = os.environ.get("LOG_FORMAT") == "json"
LOGGING = logging_config(json=LOG_JSON, level=os.environ.get("LOG_LEVEL", "INFO"))

# API ----------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "EXCEPTION_HANDLER": "core.api.problem_response",
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.LimitOffsetPagination",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "PAGE_SIZE": 50,
    "COERCE_DECIMAL_TO_STRING": True,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Nuanlin 暖邻",
    "DESCRIPTION": "Property fees: bill, collect, reconcile. Money is text with two decimals, in yuan.",
    "VERSION": "0.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_NAME_OVERRIDES": {
        "BalanceEnum": "billing.models.changes.Balance",
        "ChangeKindEnum": "billing.models.changes.ChangeKind",
        "CorrectionKindEnum": "billing.models.RequestKind",
        "DepositKindEnum": "payments.models.DepositKind",
        "DeskChannelEnum": "payments.models.deposits.CHANNELS",
        "DiscountKindEnum": "billing.models.DiscountKind",
        "ExceptionKindEnum": "payments.models.Doubt",
        "IntentStateEnum": "payments.models.IntentState",
        "PayoutKindEnum": "payments.models.PayoutKind",
        "RequestStateEnum": "billing.models.RequestState",
        "RunStateEnum": "billing.models.RunState",
        "VacancyStateEnum": "estates.models.EntitlementState",
    },
}
