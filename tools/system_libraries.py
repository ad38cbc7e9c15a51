"""Libraries that are no Python packages: Pango and HarfBuzz for documents, Chromium for browser tests.

As root they are installed with apt-get. As an ordinary user they are downloaded with apt-get and unpacked
below `.venv/syslibs`; a small module in the environment loads them when Python starts. Without
libharfbuzz-subset a Chinese letter takes seconds instead of a fifth of a second, with nothing but a warning
in a log: so it is asked for too.
"""

import ctypes
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PANGO_PACKAGES = ["libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0"]
PANGO_LIBRARIES = ["libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0"]
CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]


def provide_pango(venv: Path) -> list[str]:
    """Have Pango ready for WeasyPrint; return what the reader must know when it cannot be had."""
    if all(map(is_loadable, PANGO_LIBRARIES)) or (venv / "syslibs/pango").exists():
        return []
    print(":: Fetching Pango and HarfBuzz for PDF documents", flush=True)
    if install(PANGO_PACKAGES):
        return []
    if unpack(PANGO_PACKAGES, venv):
        announce_pango(venv)
        return []
    wanted = " ".join(PANGO_PACKAGES)
    return [f"PDF documents cannot be made until these are installed: {wanted} (everything else works)"]


def provide_chromium(venv: Path) -> list[str]:
    """Have a Chromium ready for the browser tests; return what the reader must know when it cannot be had."""
    if find_chromium(venv):
        return []
    print(":: Fetching Chromium for the browser tests", flush=True)
    if install(["chromium"]):
        return []
    if unpack(["chromium"], venv):
        announce_chromium(venv)
        return []
    return [
        "BROWSER TESTS WILL NOT RUN: no Chromium, and apt-get could not provide it (apt install chromium)"
    ]


def find_chromium(venv: Path) -> Path | None:
    """The system's Chromium, else the one that was unpacked for this user."""
    candidates = [*map(Path, CHROMIUM), venv / "syslibs/chromium"]
    return next((path for path in candidates if os.access(path, os.X_OK)), None)


def provide_pip_wheel(venv: Path) -> Path | None:
    """Debian's own wheel of pip, which its Python keeps apart; None when it cannot be had."""
    package = ["python3-pip-whl"]
    if not find_pip_wheel(venv) and not install(package):
        unpack(package, venv)
    return find_pip_wheel(venv)


def find_pip_wheel(venv: Path) -> Path | None:
    """Debian's wheel of pip where its package puts it, or where it was unpacked for this user."""
    places = (Path("/"), venv / "syslibs/root")
    return next(
        (wheel for place in places for wheel in place.glob("usr/share/python-wheels/pip-*.whl")), None
    )


def is_loadable(library: str) -> bool:
    """Whether the dynamic linker finds the library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def install(packages: list[str]) -> bool:
    """Install as root; True when that worked."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages]
    for attempt in (command, ["apt-get", "update", "-q"], command):  # a fresh image has no package lists
        code = subprocess.run(attempt, env=environment, stdout=sys.stderr, check=False).returncode
        if attempt is command and code == 0:
            return True
    return False


def unpack(packages: list[str], venv: Path) -> bool:
    """Download the packages and what they lack on this machine, and unpack them below `.venv/syslibs`."""
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        return False
    with tempfile.TemporaryDirectory() as downloads:
        if not download(packages, Path(downloads)):
            return False
        root = venv / "syslibs/root"
        root.mkdir(parents=True, exist_ok=True)
        for archive in Path(downloads).glob("*.deb"):
            subprocess.run(["dpkg-deb", "-x", archive, root], check=True)
    return True


def download(packages: list[str], folder: Path) -> bool:
    """Download what is missing into the folder, with package lists of our own if the machine has none."""
    own_lists = ["-o", f"Dir::State::lists={folder}/lists", "-o", f"Dir::Cache={folder}/cache"]
    (folder / "lists/partial").mkdir(parents=True)
    (folder / "cache/archives/partial").mkdir(parents=True)
    for options in ([], own_lists):
        if options:
            subprocess.run(["apt-get", *options, "update", "-q"], stdout=sys.stderr, check=False)
        missing = list_missing(packages, options)
        command = ["apt-get", *options, "download", *missing]
        if missing and subprocess.run(command, cwd=folder, stdout=sys.stderr, check=False).returncode == 0:
            return True
    return False


def list_missing(packages: list[str], options: list[str]) -> list[str]:
    """The packages apt-get would install, with everything they need; empty when it does not know them."""
    command = ["apt-get", *options, "install", "--simulate", "--no-install-recommends", *packages]
    planned = subprocess.run(command, capture_output=True, text=True, check=False)
    return [line.split()[1] for line in planned.stdout.splitlines() if line.startswith("Inst ")]


def announce_pango(venv: Path) -> None:
    """Let every Python of this environment load the unpacked libraries when it starts."""
    packages = next(venv.glob("lib/python3*/site-packages"))
    shutil.copy(Path(__file__).with_name("load_syslibs.py"), packages / "nuanlin_syslibs.py")
    (packages / "nuanlin_syslibs.pth").write_text("import nuanlin_syslibs\n")
    (venv / "syslibs/pango").touch()


def announce_chromium(venv: Path) -> None:
    """Leave a small script that starts the unpacked Chromium with the unpacked libraries."""
    root = venv / "syslibs/root"
    folders = ":".join(str(path) for path in sorted(root.glob("**/lib/*-linux-gnu*")))
    script = venv / "syslibs/chromium"
    script.write_text(
        "#!/bin/sh\n"
        f"export LD_LIBRARY_PATH='{folders}' FONTCONFIG_PATH='{root}/etc/fonts' CHROME_WRAPPER=nuanlin\n"
        f"exec '{root}/usr/lib/chromium/chromium' --no-sandbox \"$@\"\n"
    )
    script.chmod(0o755)
