"""Where this copy of Nuanlin keeps everything it writes: `var/`, or the folder named by `NUANLIN_VAR`.

Databases, media, logs, the generated key, static files and compiled catalogues all live below it, so two
copies never meet. Only sockets live elsewhere: their paths must be short (see `config.local_servers`).
"""

import os
import secrets
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent


def state_folder() -> Path:
    """The state folder, made private (0700) on first use."""
    folder = Path(os.environ.get("NUANLIN_VAR") or BASE_DIR / "var").absolute()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def secret_key() -> str:
    """`SECRET_KEY` from the environment, else a random one that is kept in the state folder (0600).

    Callers that start at once agree: the file is linked into place whole, and the first link wins.
    """
    if "SECRET_KEY" in os.environ:
        return os.environ["SECRET_KEY"]
    kept = state_folder() / "secret_key"
    if not kept.exists():
        candidate = kept.with_name(f"secret_key.{os.getpid()}.{secrets.token_hex(4)}")
        candidate.touch(mode=0o600)
        candidate.write_text(secrets.token_urlsafe(48))
        try:
            kept.hardlink_to(candidate)
        except FileExistsError:
            pass
        finally:
            candidate.unlink()
    return kept.read_text()
