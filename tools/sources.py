"""Which files belong to the checkout: what git tracks or would; all of them where there is no git."""

import subprocess
from fnmatch import fnmatch
from pathlib import Path

NOT_OURS = (".venv/", "var/", ".git/", "__pycache__/")


def list_files(root: Path, *patterns: str) -> list[str]:
    """Names below the root, sorted, of files that exist and match a pattern such as `*.py`."""
    command = ["git", "-c", "safe.directory=*", "-C", str(root), "ls-files", "-z", "--cached", "--others"]
    listed = subprocess.run(
        [*command, "--exclude-standard", *patterns], capture_output=True, text=True, check=False
    )
    if listed.returncode == 0:
        names = [name for name in listed.stdout.split("\0") if name]
    else:
        everything = (str(path.relative_to(root)) for path in root.rglob("*"))
        names = [name for name in everything if matches(name, patterns)]
    return sorted(name for name in names if (root / name).is_file())


def matches(name: str, patterns: tuple[str, ...]) -> bool:
    """Whether a file outside git's care is wanted."""
    ours = not any(part in f"{name}/" for part in NOT_OURS)
    return ours and any(fnmatch(Path(name).name, pattern) for pattern in patterns)
