"""Each rule of the house, broken on purpose, is caught; its neighbour that keeps the rule is not."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools.lint_house import ROOT, RULES, Source, lint

BROKEN = [
    ("vague-name", "billing/utils.py", "RATE = 1\n"),
    ("float-in-money", "billing/domain/shares.py", "share = 0.5\n"),
    ("float-in-money", "core/money.py", "def to_yuan(fen: int) -> float: ...\n"),
    ("float-in-money", "payments/services/refunds.py", "import numpy as np\nkind = np.float64\n"),
    ("clock", "billing/selectors.py", "from datetime import date\ntoday = date.today()\n"),
    ("clock", "dunning/services/plans.py", "now = timezone.now()\n"),
    ("impure-domain", "billing/domain/run.py", "from django.utils import timezone\n"),
    ("impure-domain", "billing/domain.py", "import random\n"),
    ("door-below", "billing/services/vacancies.py", "from billing.pages.vacancies import tell\n"),
    ("door-below", "billing/models/bills.py", "import billing.views\n"),
    ("borrowed-model", "portal/views/paying.py", "from payments.models import Intent\n"),
    ("borrowed-model", "billing/tasks.py", "from estates import models\n"),
    ("borrowed-model", "payments/api/money.py", "import billing.models.bills\n"),
    ("late-import", "portal/views.py", "def show() -> None:\n    import pandas\n"),
    ("blind-except", "core/outbox.py", "try:\n    pass\nexcept Exception:\n    pass\n"),
    ("signal", "billing/apps.py", "from django.db.models.signals import post_save\n"),
    ("model-acts", "billing/models/bills.py", "class Bill:\n    def save(self) -> None: ...\n"),
    ("banned-verb", "payments/services/receipts.py", "def process_receipt() -> None: ...\n"),
    ("too-long", "billing/services.py", "def run() -> None:\n" + "    pass\n" * 80),
    ("too-long", "billing/services.py", "\n" * 451),
]
KEPT = [
    ("billing/services.py", "def issue_bill() -> None: ...\n"),
    ("payments/gateways/interface.py", "read_seconds: float = 5.0  # not money: seconds\n"),
    ("portal/views.py", "now = timezone.now()\n"),
    ("messaging/selectors.py", "hour = timezone.localtime(now).hour\n"),
    (
        "billing/services/run.py",
        "from django.urls import reverse\nfrom billing.explaining.steps import tell\n",
    ),
    ("payments/views/desk.py", "from django.db import models\nfrom payments.models import Receipt\n"),
    ("payments/selectors/desk.py", "from billing.models import ChargeAccount\n"),
    ("dashboards/charts.py", "ratio = 0.5\n"),
    (
        "core/night.py",
        "try:\n    pass\nexcept Exception:  # noqa: BLE001 one job must not stop the night\n    pass\n",
    ),
    ("portal/views.py", "def show() -> None:\n    import pandas  # heavy: 0.5 s at start\n"),
    ("core/management/commands/bill.py", "class Command:\n    def handle(self) -> None: ...\n"),
]


@pytest.mark.parametrize(("rule", "path", "text"), BROKEN)
def test_lint_finds_a_broken_rule(rule: str, path: str, text: str) -> None:
    assert {finding.rule for finding in lint(Source(path, text))} == {rule}


@pytest.mark.parametrize(("path", "text"), KEPT)
def test_lint_leaves_a_kept_rule_alone(path: str, text: str) -> None:
    assert list(lint(Source(path, text))) == []


def test_rules_are_all_tried_above() -> None:
    assert {rule for rule, _path, _text in BROKEN} == set(RULES)


def test_main_names_file_line_and_rule(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / "ledger").mkdir()
    (tmp_path / "ledger/domain.py").write_text('"""Legs."""\n\nrate = 1.5\n')
    printed = subprocess.run(
        [sys.executable, "-m", "tools.lint_house", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert printed.stdout == "ledger/domain.py:3: float-in-money: money is Decimal or whole fen\n"
    assert printed.returncode == 1
