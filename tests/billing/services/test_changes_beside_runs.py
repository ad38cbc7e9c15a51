"""A unit changes hands while its month is being billed: whatever comes first, each payer owes his days, once."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
from django.db import connection

from billing.models import Bill, BillRun, ChargeAccount, UnitChange
from billing.models.changes import ChangeKind
from billing.selectors.outstanding import account_balance
from billing.services import rebilling
from billing.services.changes import approve_change
from billing.services.run import bill_chunks, bill_period, issue_buildings, issue_run, review_run, start_run
from billing.services.run.issuing import close_run
from core.money import ZERO
from core.periods import Period
from estates.models import Unit
from ledger.selectors import get_imbalance
from tests.billing.village import Village
from tests.races import PATIENCE, stopping_at

NOW = datetime(2026, 11, 20, 1, tzinfo=UTC)
NOVEMBER = Period.month("2026-11")
BY_DAYS = {"张三": "150.00", "王五": "150.00"}


@pytest.fixture
def village() -> Village:
    """One flat for 300.00 a month, sold from the 16th on; the sale waits for the second person."""
    village = Village()
    village.tariff(village.fee("物业费"), "area", "3.00")
    unit = village.unit("8-301", "100")
    UnitChange.objects.create(
        community=village.community,
        unit=unit,
        kind=ChangeKind.TRANSFER,
        first_day=date(2026, 11, 16),
        name="王五",
        phone="13800138000",
        reason="买卖合同",
        source="变更.csv",
        requested_by="前台",
        requested_at=NOW,
    )
    return village


def sell() -> None:
    approve_change(change=UnitChange.objects.get(), by="经理", now=NOW)


def owed() -> dict[str, str]:
    accounts = ChargeAccount.objects.select_related("payer").order_by("start")
    return {a.payer.name.split()[0]: str(account_balance(a.pk).outstanding) for a in accounts}


def begin(village: Village) -> BillRun:
    return start_run(community=village.community, period=NOVEMBER, now=NOW, by="t", issue=True)


@pytest.mark.django_db
def test_a_sale_before_the_first_chunk_adds_the_buyer_to_the_run(village: Village) -> None:
    run = begin(village)
    sell()
    bill_chunks(run)
    assert close_run(run=run, now=NOW).state == "issued"
    assert (owed(), get_imbalance()) == (BY_DAYS, ZERO)
    assert list(Bill.objects.values_list("schedule", "run")) == [("regular", run.pk)] * 2


@pytest.mark.django_db
def test_a_sale_after_a_building_went_out_corrects_the_seller_and_drafts_the_buyer(village: Village) -> None:
    bill_period(community=village.community, period=NOVEMBER, now=NOW, by="t", issue=False)
    run = review_run(run=BillRun.objects.get(), by="王芳")
    building = Unit.objects.get().building_id
    issue_buildings(run=run, building_ids=[building or 0], day=NOVEMBER.start, by="王芳")
    sell()
    assert owed() == BY_DAYS | {"王五": "0.00"}
    issue_run(run=run, day=NOVEMBER.start, now=NOW, by="王芳")
    assert (owed(), get_imbalance()) == (BY_DAYS, ZERO)
    assert list(Bill.objects.values_list("schedule", flat=True)) == ["regular", "regular"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "place", ["billing.run.opened", "billing.chunk.started", "billing.chunk.before_commit"]
)
def test_a_sale_beside_a_run_waits_for_bills_of_the_old_facts(
    village: Village, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    with ThreadPoolExecutor(1) as pool:
        sale = _Beside(pool)
        with stopping_at(monkeypatch, place, sale.begin_and_wait_for_its_lock):
            bill_period(community=village.community, period=NOVEMBER, now=NOW, by="t")
        sale.end()
    assert (owed(), get_imbalance()) == (BY_DAYS, ZERO)


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_seller_is_billed_the_whole_month(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The red twin: the sale is approved wholly between the look at the facts and the bill made of them."""
    monkeypatch.setattr(rebilling, "lock_facts", lambda community_id: None)
    with ThreadPoolExecutor(1) as pool:
        sale = _Beside(pool)
        with stopping_at(monkeypatch, "billing.chunk.started", sale.begin_and_end):
            bill_period(community=village.community, period=NOVEMBER, now=NOW, by="t")
    assert owed()["张三"] == "300.00"


class _Beside:
    """The sale on a connection of its own, once."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool
        self._sale: Future[None] | None = None

    def begin_and_wait_for_its_lock(self) -> None:
        if self._sale is None:
            self._sale = self._pool.submit(_alone, sell)
            _wait_for_a_waiting_lock(self._sale)

    def begin_and_end(self) -> None:
        if self._sale is None:
            self._sale = self._pool.submit(_alone, sell)
            self.end()

    def end(self) -> None:
        assert self._sale is not None
        self._sale.result(timeout=PATIENCE)


def _alone(deed: Callable[[], None]) -> None:
    try:
        deed()
    finally:
        connection.close()


def _wait_for_a_waiting_lock(sale: Future[None]) -> None:
    """Until somebody waits for a lock. Raises AssertionError when nobody ever does."""
    for _ in range(PATIENCE * 20):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        assert not sale.done(), sale.exception()
        time.sleep(0.05)
    raise AssertionError("the sale never waited")
