"""`manage.py what_if`: the pools of a period by area, by household and by own use beside the way they were shared."""

from argparse import ArgumentParser
from typing import Any

from billing.models import PoolResult
from billing.selectors.what_if import WhatIf, compare_pool
from core.commands import JsonCommand
from core.money import to_yuan
from core.periods import Period
from estates.selectors import get_community


class Command(JsonCommand):
    """Compares every pool shared for a period; writes nothing."""

    help = "Show what would change if the pools of a month were shared in another way. Writes nothing."

    def add_options(self, parser: ArgumentParser) -> None:
        """Declare the arguments of this command."""
        parser.add_argument("--community", required=True, metavar="CODE", help="the code of the community")
        parser.add_argument(
            "--period", required=True, metavar="YYYY-MM", help="the month in which the pools were used"
        )
        parser.add_argument("--meter", metavar="CODE", help="only pools of this community meter")

    def run(self, **options: Any) -> dict[str, Any]:
        """Compare the pools of the period, a row each."""
        community, period = get_community(options["community"]), Period.month(options["period"])
        pools = PoolResult.objects.filter(
            fee_item__community=community, place=0, period_start=period.start
        ).select_related("fee_item")
        if options["meter"]:
            pools = pools.filter(meter_code=options["meter"])
        return {"pools": [as_dict(compare_pool(pool)) for pool in pools.order_by("fee_item__rank", "pk")]}


def as_dict(found: WhatIf) -> dict[str, Any]:
    """Return a comparison: the pool, and for each key how many would pay more and less, and how much would move."""
    return {
        "fee_item": found.pool.fee_item.code,
        "meter": found.pool.meter_code,
        "shared_by": found.pool.rule or found.pool.key,
        "agreement": found.pool.agreement,
        "amount": found.whole,
        "participants": len(found.codes),
        "alternatives": [
            {
                "key": one.key,
                "more": int(one.rises.sum()),
                "less": int(one.falls.sum()),
                "same": int((one.difference_fen == 0).sum()),
                "moved": to_yuan(one.moved_fen),
            }
            for one in found.alternatives
        ],
    }
