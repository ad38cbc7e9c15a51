"""The platforms' daily bills find what callbacks and questions missed."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.models import Max
from django.utils import timezone

from payments.models import BillFileRead, Receipt
from payments.selectors.freshness import newest_payment_day
from payments.services.bill_files import fetch_bill_files
from payments.services.history import PastWish, create_intents_in_bulk
from tests.payments.conftest import merchant_of
from tests.payments.gateways.program import Sandbox
from tests.payments.world import World


@pytest.mark.parametrize("gateway", ["wechat", "alipay"])
def test_fetch_bill_files_settles_yesterdays_payments(shop: World, sandbox: Sandbox, gateway: str) -> None:
    merchant, now = merchant_of(shop, gateway), timezone.now()
    yesterday = now - timedelta(days=1)
    (line,) = shop.bill(shop.accounts[0], "309.45")
    wish = PastWish({line.pk: Decimal("309.45")}, yesterday)
    (number,) = create_intents_in_bulk(merchant=merchant, wishes=[wish])
    past = [{"number": number, "amount": "309.45", "paid_at": yesterday.isoformat()}]
    sandbox.turn("history", platform=gateway, merchant_id=merchant.merchant_id, orders=past)

    assert fetch_bill_files(now=now) == 2

    assert Receipt.objects.get().amount == Decimal("309.45")
    assert newest_payment_day(shop.community.pk) == timezone.localdate(yesterday)
    read = BillFileRead.objects.get(merchant=merchant)
    assert read.record_count >= 1
    assert fetch_bill_files(now=now) == 0


def test_fetch_bill_files_catches_up_and_stops_at_what_is_missing(shop: World, sandbox: Sandbox) -> None:
    now = timezone.now()
    today = timezone.localdate(now)
    for merchant in (shop.wechat, shop.alipay):
        BillFileRead.objects.create(
            merchant=merchant, day=today - timedelta(days=4), record_count=0, amount=0, read_at=now
        )
    sandbox.turn("fault", operation="bill", fault="fail", times=1)

    assert fetch_bill_files(now=now) == 3

    newest = (
        BillFileRead.objects.values_list("merchant").annotate(day=Max("day")).values_list("day", flat=True)
    )
    assert sorted(newest) == [today - timedelta(days=4), today - timedelta(days=1)]
