"""Late fee at the desk: charged as of the value day, and met in the order the community chose."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from billing.models import ChargeLine, LateFeePause, LateFeePolicy
from billing.selectors.late_fees import sum_late_fees
from billing.selectors.outstanding import open_lines
from payments.models import Channel, PaymentPolicy, PrepaymentEntry
from payments.selectors.claims import make_claims
from payments.services.booking import Incoming, book_receipt
from tests.payments.world import NOW, World

OLD, NEW = date(2026, 9, 18), date(2026, 10, 20)
"""62 and 30 days before 19 November."""


def clause(
    world: World, percent: str = "0.05", start: date = date(2026, 1, 1), **fields: object
) -> LateFeePolicy:
    defaults: dict[str, object] = {"grace_days": 0, **fields}
    return LateFeePolicy.objects.create(
        community=world.community, start=start, percent=Decimal(percent), **defaults
    )


def rule(world: World, **fields: str) -> None:
    PaymentPolicy.objects.create(community=world.community, **fields)


def pay(world: World, amount: str, **more: object) -> None:
    incoming = Incoming(world.accounts[0].pk, Channel.CASH, Decimal(amount), NOW, **more)  # type: ignore[arg-type]
    book_receipt(incoming=incoming, now=NOW)


def left(world: World) -> dict[str, str]:
    """What is open by fee item and month; late fee in one sum."""
    found: dict[str, Decimal] = {}
    for line in open_lines(account_ids=[world.accounts[0].pk]):
        key = (
            f"{line.fee_item_code} {line.period.start:%m}" if line.fee_item_code != "late_fee" else "late_fee"
        )
        found[key] = found.get(key, Decimal(0)) + line.outstanding
    return {key: str(amount) for key, amount in found.items()}


def test_payment_of_all_meets_the_late_fee_of_its_day(world: World) -> None:
    """1,000 yuan 30 days late at 0.05 %: 15.00 of late fee; 1,015 settle both and nothing is left over."""
    clause(world)
    world.bill(world.accounts[0], "1000.00", due=NEW)
    pay(world, "1015.00")
    assert left(world) == {}
    assert not PrepaymentEntry.objects.exists()
    assert sum_late_fees(NOW.date() + timedelta(days=90)).open == Decimal("0.00")


def test_payment_of_the_principal_leaves_the_late_fee_owed(world: World) -> None:
    clause(world)
    world.bill(world.accounts[0], "1000.00", due=NEW)
    pay(world, "1000.00")
    assert left(world) == {"late_fee": "15.00"}


def test_payment_leaves_the_late_fee_contingent_when_somebody_charges_it(world: World) -> None:
    clause(world, charging="hand")
    world.bill(world.accounts[0], "1000.00", due=NEW)
    pay(world, "1000.00")
    assert left(world) == {}
    assert sum_late_fees(NOW.date()).open == Decimal("15.00")


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ("principal_first", {"property 10": "505.00", "late_fee": "15.00"}),
        ("late_fee_first", {"property 10": "520.00"}),
    ],
)
def test_late_fee_ranks_inside_its_debt_as_the_setting_says(
    world: World, inside: str, expected: dict[str, str]
) -> None:
    """Civil Code 561 against a contract that puts the principal first: 495 yuan towards 1,000 and 15 of late fee."""
    clause(world)
    rule(world, inside=inside)
    world.bill(world.accounts[0], "1000.00", due=NEW)
    pay(world, "495.00")
    assert left(world) == expected


def test_late_fee_ranks_with_the_debt_it_grew_on(world: World) -> None:
    """By contract the older bill and its late fee (31.00) are met before the newer one."""
    clause(world)
    rule(world, inside="late_fee_first")
    world.bill(world.accounts[0], "1000.00", due=OLD)
    world.bill(world.accounts[0], "500.00", due=NEW)
    pay(world, "1031.00")
    assert left(world) == {"property 10": "500.00", "late_fee": "7.50"}


def test_civil_code_meets_the_bill_that_bears_late_fee_before_an_older_one(world: World) -> None:
    """DOMAIN-RULES §9: the older bill fell due before there was a clause; the newer one is the heavier burden."""
    clause(world, start=date(2026, 10, 1))
    rule(world, order="civil_code", inside="late_fee_first")
    world.bill(world.accounts[0], "300.00", due=OLD)
    world.bill(world.accounts[0], "300.00", due=NEW)
    pay(world, "304.50")
    assert left(world) == {"property 09": "300.00"}


def test_civil_code_takes_no_burden_from_a_fee_that_rests(world: World) -> None:
    """While the newer bill's late fee rests, both bear nothing, and the earlier due day decides."""
    clause(world, start=date(2026, 10, 1))
    rule(world, order="civil_code")
    world.bill(world.accounts[0], "300.00", due=OLD)
    (newer,) = world.bill(world.accounts[0], "300.00", due=NEW)
    LateFeePause.objects.create(
        community=world.community, line=newer, cause="dispute", first_day=NEW, reason="漏水", source="dispute:1",
        approved_by="周晓岚", written_at=NOW,
    )  # fmt: skip
    pay(world, "300.00")
    assert left(world) == {"property 10": "300.00"}


def test_claims_of_a_late_fee_stand_beside_their_principal(world: World) -> None:
    clause(world)
    (principal,) = world.bill(world.accounts[0], "1000.00", due=NEW)
    pay(world, "1.00")
    policy = PaymentPolicy(community=world.community).for_allocation
    claims = make_claims(open_lines(), policy=policy, as_of=NOW.date())
    assert {claim.debt for claim in claims} == {f"line:{principal.pk}"}
    assert {(claim.kind.name, claim.due_on) for claim in claims} == {("PRINCIPAL", NEW), ("LATE_FEE", NEW)}
    assert ChargeLine.objects.count() == 2
