"""Turns `DATABASE_URL` and `REDIS_URL` into what Django, its cache and Celery want to read."""

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

PATIENCE = {
    "web": {"statement_timeout": "15s", "lock_timeout": "5s", "idle_in_transaction_session_timeout": "30s"},
    "worker": {
        "statement_timeout": "10min",
        "lock_timeout": "30s",
        "idle_in_transaction_session_timeout": "5min",
    },
    "command": {"lock_timeout": "5min"},
}
"""How long PostgreSQL waits for a process of this kind before it refuses: people wait in front of the web."""

POOL = {"min_size": 1, "max_size": 8, "timeout": 10}


def database_from(url: str, *, process: str) -> dict[str, Any]:
    """Django's settings for one database; `process` is a key of PATIENCE.

    A `host` in the query wins over the one in the address: that is how a URL names a folder of sockets.
    Web processes share a pool of connections; the others keep one for a minute.
    """
    address = urlsplit(url)
    query = {name: values[-1] for name, values in parse_qs(address.query).items()}
    patience = " ".join(f"-c {name}={value}" for name, value in PATIENCE[process].items())
    options: dict[str, Any] = {"application_name": f"nuanlin {process}", "options": patience}
    if process == "web":
        options["pool"] = POOL
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(address.path.removeprefix("/")),
        "USER": unquote(address.username or ""),
        "PASSWORD": unquote(address.password or ""),
        "HOST": query.pop("host", address.hostname or ""),
        "PORT": str(address.port or ""),
        "OPTIONS": query | options,
        "CONN_MAX_AGE": 0 if process == "web" else 60,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
        "TEST": {"NAME": "test_nuanlin"},
    }


def redis_database(url: str, number: int) -> str:
    """The address of one numbered database, as redis-py wants it."""
    address = urlsplit(url)
    if address.scheme == "unix":
        return f"unix://{address.path}?db={number}"
    return address._replace(path=f"/{number}").geturl()


def celery_broker(url: str, number: int) -> str:
    """The address of one numbered database, as Celery wants it: it spells Unix sockets in its own way."""
    address = urlsplit(url)
    if address.scheme == "unix":
        return f"redis+socket://{address.path}?virtual_host={number}"
    return redis_database(url, number)
