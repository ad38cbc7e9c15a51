"""What payments' deeds are called where they settle a charge line: on statements of accounts."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.utils.translation import gettext as _

from billing.sources import register_source
from payments.models import Receipt


def name_receipts(sources: Collection[str]) -> Mapping[str, str]:
    """A receipt is told by the way it was paid: cash, WeChat Pay, a transfer."""
    numbers = {int(source.partition(":")[2]): source for source in sources}
    found = Receipt.objects.filter(pk__in=numbers)
    return {numbers[receipt.pk]: str(receipt.get_channel_display()) for receipt in found}


def name_prepayments(sources: Collection[str]) -> Mapping[str, str]:
    """Money the account had with us already."""
    return dict.fromkeys(sources, _("from the prepayment"))


register_source("receipt", name_receipts)
register_source("prepayment", name_prepayments)
