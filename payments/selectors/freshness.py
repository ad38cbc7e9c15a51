"""How far our picture of the payments reaches: whoever reminds people must know."""

from __future__ import annotations

from datetime import date

from django.db.models import Max

from payments.models import MerchantAccount


def newest_payment_day(community_id: int) -> date | None:
    """The day up to which every platform's payments of a community are known.

    That is the oldest of the merchants' newest bill files. None: a merchant's files were never read.
    A community without merchants takes money at the desk only, which is known at once: ``date.max``.
    """
    merchants = MerchantAccount.objects.filter(community_id=community_id, is_active=True)
    newest = list(merchants.annotate(newest=Max("bill_files__day")).values_list("newest", flat=True))
    return None if None in newest else min(newest, default=date.max)
