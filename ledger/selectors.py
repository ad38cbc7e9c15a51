"""Reading the books. Sums are debit minus credit in yuan; ``as_of`` keeps what was booked up to the day."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Max, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from core.money import FEN, ZERO
from ledger.models import ClosedPeriod, JournalEntry, JournalLeg, LedgerAccount


def find_closed_through(*, company_id: int, community_id: int) -> date | None:
    """The last day on which the books of a community are closed, by itself or with its company."""
    closed = ClosedPeriod.objects.filter(Q(community=None) | Q(community=community_id), company=company_id)
    through: date | None = closed.aggregate(through=Max("through"))["through"]
    return through


def get_first_open_day(*, company_id: int, community_id: int) -> date:
    """The first day on which a community's books take entries."""
    through = find_closed_through(company_id=company_id, community_id=community_id)
    return date.min if through is None else through + timedelta(days=1)


def get_booking_day(*, company_id: int, community_id: int, day: date) -> date:
    """The day a deed of ``day`` is booked on: the day itself, or the first open one where its books are closed."""
    return max(day, get_first_open_day(company_id=company_id, community_id=community_id))


def list_unbalanced_entries(as_of: date | None = None) -> QuerySet[JournalLeg, tuple[int, Decimal]]:
    """Entries whose legs do not sum to zero, with what they sum to. Empty, unless the guard was off."""
    sums = _legs(as_of).values("entry_id").annotate(imbalance=Sum("amount")).exclude(imbalance=0)
    return sums.order_by("entry_id").values_list("entry_id", "imbalance")


def count_entries(as_of: date | None = None) -> int:
    """How many entries there are."""
    return JournalEntry.objects.filter(_booked("booked_on", as_of)).count()


def get_imbalance(as_of: date | None = None) -> Decimal:
    """The sum of all legs of all companies."""
    return _total(_legs(as_of))


def get_balance(*, code: str, charge_account_id: int | None = None, as_of: date | None = None) -> Decimal:
    """The balance of a ledger account over all companies, or its part for one charge account."""
    legs = _legs(as_of).filter(ledger_account__code=code)
    return _total(legs if charge_account_id is None else legs.filter(charge_account_id=charge_account_id))


def trial_balance(*, company_id: int, as_of: date | None = None) -> dict[str, Decimal]:
    """The balance of every ledger account of a company by code, those without legs too; they sum to zero."""
    accounts = LedgerAccount.objects.filter(company_id=company_id)
    moved = Coalesce(Sum("legs__amount", filter=_booked("legs__entry__booked_on", as_of)), ZERO)
    return {code: sum_.quantize(FEN) for code, sum_ in accounts.annotate(s=moved).values_list("code", "s")}


def _booked(path: str, as_of: date | None) -> Q:
    return Q() if as_of is None else Q(**{f"{path}__lte": as_of})


def _legs(as_of: date | None) -> QuerySet[JournalLeg]:
    return JournalLeg.objects.filter(_booked("entry__booked_on", as_of))


def _total(legs: QuerySet[JournalLeg]) -> Decimal:
    total: Decimal = legs.aggregate(total=Coalesce(Sum("amount"), ZERO))["total"]
    return total.quantize(FEN)
