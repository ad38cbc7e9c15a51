"""Makes `.venv`, installs the locked packages into it and sees to the system libraries.

    python -m tools.setup          what running Nuanlin needs
    python -m tools.setup --dev    and what testing it needs, Chromium included

Nothing is done twice: a stamp in `.venv` holds the hash of the lock that was installed. `.venv` may be a
symbolic link to an environment elsewhere. Packages come through uv when it is there, else through pip; both
check hashes.
"""

import argparse
import hashlib
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from tools.system_libraries import provide_chromium, provide_pango, provide_pip_wheel

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
OWN_UV = VENV / "bin" / "uv"
PYTHON = VENV / "bin/python"
STAMP = VENV / "nuanlin.stamp"
LOCKS = {"run": ROOT / "requirements.txt", "dev": ROOT / "requirements-dev.txt"}


def main() -> None:
    """Set up; the last line says what could not be had."""
    parser = argparse.ArgumentParser(description="Set up Nuanlin.")
    parser.add_argument("--dev", action="store_true", help="also what the tests need")
    options = parser.parse_args()
    install_packages("dev" if options.dev else "run")
    missing = provide_pango(VENV)
    if options.dev:
        missing += provide_chromium(VENV)
    for line in missing:
        print(f"!! {line}", file=sys.stderr)


# Packages ------------------------------------------------------------------------------------------------


def install_packages(kind: str) -> None:
    """Bring `.venv` to the lock of this kind, unless its stamp says that it is there already."""
    stamp = STAMP.read_text() if STAMP.exists() else ""
    if stamp_of("dev") == stamp or stamp_of(kind) == stamp:
        return
    if not is_usable(PYTHON):
        say("Making .venv")
        if VENV.is_symlink():
            VENV.unlink()
        run(sys.executable, "-m", "venv", "--clear", "--without-pip", str(VENV))
    say(f"Installing packages from {LOCKS[kind].name}")
    STAMP.unlink(missing_ok=True)
    run(*installer(), "--require-hashes", "-r", str(LOCKS[kind]))
    STAMP.write_text(stamp_of(kind))


def stamp_of(kind: str) -> str:
    """What `.venv` holds with this lock installed: the lock, the Python, where the environment stands."""
    facts = [LOCKS[kind].read_text(), platform.python_version(), platform.machine(), str(VENV.resolve())]
    return f"{kind} {hashlib.sha256(chr(0).join(facts).encode()).hexdigest()}\n"


def is_usable(python: Path) -> bool:
    """Whether the environment's Python runs and is of a version we support."""
    test = "import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))"
    try:
        return subprocess.run([python, "-c", test], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def installer() -> list[str]:
    """The command that installs into `.venv`: uv, which pip fetches when it is not there; else pip itself.

    uv installs the house in seconds where pip takes a minute or more.
    """
    uv = shutil.which("uv") or shutil.which(OWN_UV)
    if not uv:
        if not has_pip():
            install_pip()
        pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        if not succeeds(*pip, "--require-hashes", "-r", str(ROOT / "tools" / "requirements-uv.txt")):
            return pip
        uv = str(OWN_UV)
    return [uv, "pip", "install", "--quiet", "--python", str(PYTHON)]


def has_pip() -> bool:
    """Whether `.venv` has pip."""
    return (
        subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0
    )


def install_pip() -> None:
    """Put pip into `.venv`: from Python's own copy, by the system's pip, or from Debian's wheel of it."""
    if succeeds(str(PYTHON), "-m", "ensurepip", "--default-pip"):
        return
    if succeeds(sys.executable, "-m", "pip", "--python", str(PYTHON), "install", "pip"):
        return
    wheel = provide_pip_wheel(VENV)
    if not wheel or not succeeds(str(PYTHON), f"{wheel}/pip", "install", "--no-index", str(wheel)):
        sys.exit("No uv, pip or ensurepip to install packages with (Debian: apt install python3-venv).")


def succeeds(*command: str) -> bool:
    """Whether a command whose output nobody needs exits with 0."""
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def run(*command: str) -> None:
    """Run a command whose output the reader should see; end with its code when it fails."""
    code = subprocess.run(command, cwd=ROOT, check=False).returncode
    if code:
        sys.exit(f"{' '.join(command[:4])} … ended with {code}; nothing was changed after that.")


def say(text: str) -> None:
    """Tell the reader what takes time now."""
    print(f":: {text}", flush=True)


if __name__ == "__main__":
    main()
