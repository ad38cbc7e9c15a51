"""The words that never leave the house."""

import pytest

from messaging.domain.linter import lint


@pytest.mark.parametrize("word", ["征信", "失信", "起诉", "拒不", "最后通牒", "限期", "停水", "停电", "！"])
def test_lint_finds_each_forbidden_word(word):
    assert [found for _, found in lint(f"您家的账单{word}")] == [word]


def test_lint_passes_a_kind_reminder():
    assert lint("11月的账单过了 5 天，是不是忙忘了？要是哪里不对或者手头紧，告诉我们，一起想办法。") == []
