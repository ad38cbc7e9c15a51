"""Tests run on a copy of the product in a process of their own, whose libraries are loaded already."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from multiprocessing import get_context
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FRESH = get_context("forkserver")
"""Each trial is forked from a server that has the libraries in memory and nothing of the product."""

LIBRARIES = (
    *(
        "pytest",
        "numpy",
        "hypothesis.strategies",
        "django.db.models",
        "django.forms",
        "django.template.loader",
    ),
    *("celery", "psycopg", "chinese_calendar", "cryptography.x509", "wechatpayv3", "alipay", "rich", "kombu"),
)
FRESH.set_forkserver_preload(list(LIBRARIES))
GOOD = (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
"""A file without any test has nothing against a mutant."""


def passes(root: Path, tests: Sequence[str]) -> bool:
    """Whether some tests pass in a copy of the product."""
    trial = FRESH.Process(target=run_tests, args=(root, list(tests)))
    trial.start()
    trial.join()
    return trial.exitcode in GOOD


def run_tests(root: Path, tests: Sequence[str]) -> None:
    """End this process as the tests end; nothing of the checkout it was started in takes part."""
    os.chdir(root)
    for name in [name for name in os.environ if name.startswith("NUANLIN_")]:
        del os.environ[name]
    for name in [name for name in sys.modules if name.partition(".")[0] in ("tests", "tools")]:
        del sys.modules[name]
    sys.path[:] = [str(root), *(path for path in sys.path if path not in ("", str(ROOT)))]
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    loaded_before = ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
    sys.exit(pytest.main(["-x", "-q", "-p", "no:cacheprovider", *loaded_before, *tests]))
