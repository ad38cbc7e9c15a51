"""Main meter, sub-meters and the loss between them: who bears what, worked out by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from billing.domain.losses import Balance


@pytest.mark.parametrize(
    ("rule", "borne", "shared"),
    [
        ("shared", "0", "250"),
        ("company", "50", "200"),
        ("2%", "30", "220"),
        ("5%", "0", "250"),
        ("4.9%", "1", "249"),
    ],
)
def test_balance_shares_common_use_and_as_much_of_the_loss_as_agreed(
    rule: str, borne: str, shared: str
) -> None:
    # 1000 on the main meter, 700 on sub-meters, 50 for the office, 200 on the common meters: 50 are lost.
    balance = Balance(Decimal(1000), Decimal(700), Decimal(50), Decimal(200), rule)
    assert (balance.difference, balance.loss) == (Decimal(250), Decimal(50))
    assert (balance.borne, balance.shared) == (Decimal(borne), Decimal(shared))


def test_balance_without_common_meters_takes_all_of_the_difference_for_loss() -> None:
    balance = Balance(Decimal(1000), Decimal(900), loss_rule="5%")
    assert (balance.loss, balance.borne, balance.shared) == (Decimal(100), Decimal(50), Decimal(50))


@pytest.mark.parametrize("rule", ["shared", "company", "5%"])
def test_balance_never_shares_more_than_the_main_meter_saw(rule: str) -> None:
    balance = Balance(Decimal(1000), Decimal(810), common=Decimal(200), loss_rule=rule)
    assert (balance.loss, balance.borne, balance.shared) == (Decimal(-10), Decimal(0), Decimal(190))


def test_balance_rounds_the_agreed_loss_half_up_to_four_decimals() -> None:
    # 4.9 % of 500.5 are 24.5245, 1.5 % of 333.3333 are 4.9999995
    assert Balance(Decimal("500.5"), Decimal(400), loss_rule="4.9%").borne == Decimal("75.9755")
    assert Balance(Decimal("333.3333"), Decimal(300), loss_rule="1.5%").borne == Decimal("28.3333")
