"""Where owners pay, are paid back or forgiven: the product's doors, and the book that notes each deed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from billing.models import Bill, ChargeAccount, ChargeLine, RequestKind
from billing.selectors.discounts import list_offers
from billing.selectors.outstanding import open_lines
from billing.services.requests import Wish, approve_request, open_request
from payments.models import Channel, PayoutKind
from payments.services.booking import Incoming, book_receipt
from payments.services.payouts import PayoutDraft, approve_payout, open_payout
from payments.services.prepayment import use_prepayment
from simulation.services.founding import Founded

HEAD = ("deed", "what", "unit", "payer", "day", "total", "fee_item", "line", "amount")
"""A deed has a row for each line it names; the account, the day and the total are the same on all of them."""

Parts = Mapping[ChargeLine, Decimal]


@dataclass
class Desk:
    """The desk of a community with its two members of staff; ``book`` has the rows of cashbook.csv."""

    founded: Founded
    book: list[tuple[str, ...]] = field(default_factory=lambda: [HEAD])
    deeds: int = 0

    def pay(self, account: ChargeAccount, parts: Parts, day: date, total: Decimal | None = None) -> None:
        """Take in a transfer whose owner said which lines it is for, and the most that each may take."""
        total = sum(parts.values(), Decimal(0)) if total is None else total
        chosen = {line.pk: amount for line, amount in parts.items()}
        book_receipt(
            incoming=Incoming(account.pk, Channel.TRANSFER, total, on(day), chosen=chosen), now=on(day)
        )
        self._note("pay", account, day, total, parts)

    def pay_ahead(self, account: ChargeAccount, code: str, day: date, more: str = "0") -> None:
        """Take in what earns the gift for a fee item, and something more."""
        item = self.founded.community.fee_items.get(code=code)
        (offer,) = (one for one in list_offers(account, day) if one.fee_item_id == item.pk)
        total = offer.needed + Decimal(more)
        incoming = Incoming(account.pk, Channel.TRANSFER, total, on(day), chosen={}, meant_for=item.pk)
        book_receipt(incoming=incoming, now=on(day))
        self._note("ahead", account, day, total, fee_item=code)

    def pay_back(self, account: ChargeAccount, amount: str, day: date) -> None:
        """Give prepayment back, as one person asked and another agreed."""
        draft = PayoutDraft(PayoutKind.PREPAYMENT, Decimal(amount), "业主申请", Channel.TRANSFER, "回单 7")
        payout = open_payout(account=account, draft=draft, by=self.founded.clerk, now=on(day))
        approve_payout(payout=payout, by=self.founded.manager, day=day, now=on(day))
        self._note("back", account, day, Decimal(amount))

    def use(self, account: ChargeAccount, day: date) -> None:
        """Set what an account has with us against its bills, as every night does."""
        use_prepayment(account_id=account.pk, day=day, now=on(day))
        self._note("use", account, day)

    def forgive(self, kind: RequestKind, line: ChargeLine, amount: str, day: date) -> None:
        """Waive or write off a part of a line, as one person asked and another agreed."""
        parts = {line: Decimal(amount)}
        wish = Wish(kind, "生活困难", {line.pk: Decimal(amount)})
        request = open_request(bill=line.bill, wish=wish, by=self.founded.clerk, now=on(day))
        approve_request(request=request, by=self.founded.manager, day=day, now=on(day))
        self._note("forgive", line.bill.account, day, parts=parts)

    def note_corrections(self, day: date) -> None:
        """Mark where in the book the lines of a day were corrected; by how much stands in corrections.csv."""
        self._note("correct", None, day)

    def _note(
        self,
        what: str,
        account: ChargeAccount | None,
        day: date,
        total: Decimal = Decimal(0),
        parts: Parts | None = None,
        fee_item: str = "",
    ) -> None:
        self.deeds += 1
        whose = (account.unit.code, account.payer.name) if account else ("", "")
        deed = (str(self.deeds), what, *whose, f"{day}", f"{total}", fee_item)
        lines = [(str(line.pk), f"{amount}") for line, amount in (parts or {}).items()]
        self.book += [(*deed, *row) for row in lines or [("", "")]]


def list_open(bill: Bill) -> dict[ChargeLine, Decimal]:
    """What is open of a bill, line by line."""
    found = {one.line_id: one.outstanding for one in open_lines(bill_ids=[bill.pk])}
    lines = ChargeLine.objects.in_bulk(list(found))
    return {lines[pk]: outstanding for pk, outstanding in found.items()}


def on(day: date) -> datetime:
    """Two in the morning, where the community is."""
    return datetime.combine(day, time(2), ZoneInfo("Asia/Shanghai"))
