"""Files offered for download for a short while, by a link nobody can guess."""

import secrets
import threading

_lock = threading.Lock()
_files: dict[str, tuple[int, bytes]] = {}


def keep(file: bytes, *, until: int) -> str:
    """Keep a file until a moment and return the token of its link."""
    token = secrets.token_urlsafe(24)
    with _lock:
        _files[token] = until, file
    return token


def find(token: str, now: int) -> bytes | None:
    """Return the file of a link that still lives; links that died are cleared away."""
    with _lock:
        for old in [key for key, (until, _) in _files.items() if until < now]:
            del _files[old]
        return _files.get(token, (0, None))[1]
