"""Discounts as bill, statement and portal show them: the same figures, opened to the fen."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.utils import translation

from billing.explaining.discounts import list_discounts
from billing.models import Bill
from billing.selectors.sheets import list_bill_sheets
from billing.selectors.statement import get_statement
from payments.models import Receipt
from portal.selectors.reductions import list_reductions
from tests.payments.discounts.deeds import DUE, ZERO, bill, month, night, pay
from tests.payments.world import World


def test_bill_statement_and_portal_show_the_discount_alike(world: World, year: Receipt) -> None:
    """A bill of 100.00 with 7.69 of gift and 92.31 of money; the figures of all three agree."""
    only, day = bill(world, 1), month(1).start
    night(world, day)
    (sheet,) = list_bill_sheets(Bill.objects.filter(pk=only.pk), day)
    assert [(row.item, row.name, row.amount) for row in sheet.discounts] == [
        ("property", "交12个月送1个月", Decimal("7.69"))
    ]
    assert (sheet.paid, sheet.outstanding) == (Decimal("92.31"), ZERO)
    statement = get_statement([world.accounts[0].pk], date(2026, 11, 1), day)
    assert (statement.figures.credited, statement.figures.closing) == (Decimal("7.69"), ZERO)
    assert [row.words for row in statement.rows[-1].credits] == ["交12个月送1个月"]
    with translation.override("zh-hans"):
        (reduction,) = list_reductions(only)
    assert [(step.label, step.value, step.note) for step in reduction.steps] == [
        ("您预交了", "¥1,200.00", "不少于 12 个月，每月 100.00 元"),
        ("送您", "¥100.00", "100.00 × 1；预交的钱用到哪张账单，就送到哪张账单"),
        ("到这张账单为止该得", "¥7.69", "100.00 × 100.00 ÷ 1,300.00"),
        ("交12个月送1个月", "¥7.69", ""),
    ]


def test_paper_of_a_day_before_the_discount_has_none(world: World, two_percent: None) -> None:
    only = bill(world)
    pay(world, "98.00")
    papers = [list_bill_sheets(Bill.objects.filter(pk=only.pk), day)[0] for day in (date(2026, 11, 19), DUE)]
    assert [(paper.discounted, paper.outstanding) for paper in papers] == [
        (ZERO, Decimal("100.00")),
        (Decimal("2.00"), ZERO),
    ]


def test_every_discount_comes_to_the_same_fen_again(world: World, year: Receipt, two_percent: None) -> None:
    bill(world, 1, property="100.00", parking="33.33")
    night(world, month(1).start)
    pay(world, "33.33", date(2026, 12, 20))
    opened = list_discounts(list(Bill.objects.values_list("pk", flat=True)))
    # 2 % of 92.31 + 33.33 = 125.64, all of it on what is still open
    assert [(view.item, str(view.amount)) for view in opened] == [("property", "7.69"), ("parking", "2.51")]
    assert all(view.explanation.agrees for view in opened)
