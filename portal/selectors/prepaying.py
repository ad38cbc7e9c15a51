"""The owner's prepayment: balance and statement of every account, and paying in."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from billing.explaining.discounts import tell_rule
from billing.models import ChargeAccount
from billing.selectors.discounts import list_offers, list_paid_ahead
from core.money import ZERO
from payments.selectors.merchants import list_merchants
from payments.selectors.prepayments import find_room, list_purses, list_statement
from portal.pages import AccountView, AheadView, OfferView, PayMethod, PrepaymentPage
from portal.readers import Owner
from portal.selectors.frames import make_frame

MOST_ROWS = 60


def list_accounts(reader: Owner) -> Any:
    """The accounts the owner pays for now."""
    mine = ChargeAccount.objects.visible_to(reader.user).filter(end=None)
    return mine.select_related("community", "unit__building").order_by("unit__sort_key", "pk")


def prepayment_page(reader: Owner, *, amount: str = "", error: str = "") -> PrepaymentPage:
    """Balances, statements and the ways to pay in; without a merchant account, the front desk takes it."""
    accounts = list(list_accounts(reader))
    community = accounts[0].community if accounts else None
    merchants = list_merchants(community.pk) if community else []
    return PrepaymentPage(
        frame=make_frame(
            reader, community=community.name if community else "", where=_("My prepayment"), here="me"
        ),
        accounts=tuple(_view(account, reader.today) for account in accounts),
        methods=tuple(
            PayMethod(merchant.gateway, merchant.get_gateway_display(), chosen=index == 0)
            for index, merchant in enumerate(merchants)
        ),
        action=reader.url("top-up"),
        amount=amount,
        error=error,
    )


def _view(account: ChargeAccount, today: date) -> AccountView:
    purses = tuple(list_purses(account.pk))
    return AccountView(
        account_id=account.pk,
        unit=account.unit.label,
        balance=sum((purse.amount for purse in purses), ZERO),
        purses=tuple(purse for purse in purses if purse.name),
        room=find_room(account, today),
        rows=tuple(list_statement(account)[:MOST_ROWS]),
        offers=tuple(
            OfferView(offer.fee_item_id, tell_rule(offer.rule), offer.needed, offer.gift)
            for offer in list_offers(account, today)
        ),
        ahead=tuple(
            AheadView(one.row.rule.name, one.money_left, one.gift_left) for one in list_paid_ahead(account.pk)
        ),
    )
