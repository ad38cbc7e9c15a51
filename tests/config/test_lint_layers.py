"""The layers of the house are kept, and a planted violation is caught."""

import shutil
import subprocess
import sys
from pathlib import Path

from tools.lint_house import ROOT, read_product


def copy_house(folder: Path) -> Path:
    """A copy of the product's Python files and of the contract, to break something in."""
    for source in read_product(ROOT):
        target = folder / source.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(source.text)
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def lint_imports(folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run import-linter on a copy."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_layers_with_a_planted_import_upward(tmp_path: Path) -> None:
    house = copy_house(tmp_path)
    with open(house / "core/money.py", "a") as money:
        money.write("\nimport billing.models\n")
    linted = lint_imports(house)
    assert linted.returncode == 1
    assert "core is not allowed to import billing" in linted.stdout
    assert "core.money -> billing.models" in linted.stdout


def test_layers_between_neighbours(tmp_path: Path) -> None:
    house = copy_house(tmp_path)
    with open(house / "ledger/apps.py", "a") as app:
        app.write("\nimport messaging.apps\n")
    assert "ledger is not allowed to import messaging" in lint_imports(house).stdout
