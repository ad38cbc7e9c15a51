"""Links that open bills for paying without a log-in: in messages and as the QR on paper (C2, S-27).

The token names bills, and the message it stands in, so that we hear when that is opened; nothing else. Whoever holds
it may pay the bills and sees a masked name. The page behind it belongs to the portal, which we know by the name of its
route only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.urls import reverse

from core import tokens

PURPOSE = "pay"
OPEN_FOR = timedelta(days=365)
MOST_BILLS = 20


@dataclass(frozen=True)
class PayLink:
    """What a link opens, until when, and the message it came in (None: paper, or somebody handed it on)."""

    bill_ids: tuple[int, ...]
    until: datetime | None
    message_id: int | None = None


def make_pay_link(bill_ids: Sequence[int], issued_on: date, *, message_id: int | None = None) -> str:
    """The address at which these bills can be paid for a year from the day they were issued.

    More bills than fit a link a phone can read (a developer's, say) lead to the log-in instead.
    """
    if len(bill_ids) > MOST_BILLS:
        return settings.PUBLIC_URL + reverse("portal:home")
    token = tokens.sign(PURPOSE, [list(bill_ids), message_id], expires_on=issued_on + OPEN_FOR)
    return settings.PUBLIC_URL + reverse("portal:pay", args=[token])


def read_pay_link(token: str, now: datetime) -> PayLink:
    """The bills a token opens, and until when.

    Raises:
        core.tokens.TokenError: it was altered or has expired.
    """
    opened = tokens.open_token(PURPOSE, token, now)
    bill_ids, message_id = opened.payload
    return PayLink(tuple(bill_ids), opened.until, message_id)
