"""Paying with a telephone and at a desk: the platform is real in all but the money."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from redis.exceptions import ConnectionError as ValkeyAwayError

from billing.selectors.outstanding import bills_with_outstanding
from payments.models import Intent, IntentState, MerchantAccount, Receipt
from payments.services.intents import create_intent
from portal.services import ask_platform
from tests.portal.conftest import TELEPHONE, route, token_for

TEN = "10:00"


def form_of(bill, method: str = "wechat", amounts: tuple[str, ...] = ("210.47", "80.00")) -> dict:
    lines = bill.lines.order_by("fee_item__rank").values_list("pk", flat=True)
    parts = [f"{line}:{amount}" for line, amount in zip(lines, amounts, strict=False)]
    return {"method": method, "part-of": parts}


def press(client: Client, bill, **choice) -> str:
    answer = client.post(route("start"), form_of(bill, **choice))
    assert answer.status_code == 303, answer.content.decode()
    return str(answer["Location"])


def page(client: Client, address: str) -> str:
    return client.get(address).content.decode().replace("\xa0", " ")


def outstanding(bill) -> Decimal:
    return bills_with_outstanding(type(bill).objects.filter(pk=bill.pk)).get().outstanding


def look_again() -> None:
    """As if the seconds between two questions had gone by."""
    cache.clear()


@pytest.mark.parametrize("method", ["wechat", "alipay"])
def test_start_with_a_telephone_leads_to_our_page_and_from_there_to_the_wallet(
    owner, bills, platform, method
):
    """A form may lead only to ourselves (form-action 'self'), so the wallet is a link."""
    address = press(owner, bills[0], method=method)
    assert address == route("payment", Intent.objects.get().number)
    html = page(owner, address)
    assert platform.address in html
    assert "打开" in html
    assert "290.47" in html


def test_start_at_a_desk_shows_a_code_to_scan(owner, bills, platform):
    desk = Client()
    desk.cookies = owner.cookies
    html = page(desk, press(desk, bills[0]))
    assert 'class="qr"' in html
    assert "用手机上的微信支付扫一扫" in html


def test_payment_before_and_after_the_wallet_says_what_is_true(owner, bills, platform):
    address = press(owner, bills[0])
    assert "待交" in page(owner, address)
    look_again()
    back = page(owner, f"{address}?back=1")
    assert "确认中" in back
    assert "不用再付一次" in back


def test_show_payment_asks_the_platform_when_the_callback_was_lost(owner, bills, platform):
    address = press(owner, bills[0])
    platform.turn("pay", number=Intent.objects.get().number, callback=False)
    html = page(owner, f"{address}?back=1")
    receipt = Receipt.objects.get()
    assert "已交清" in html
    assert route("receipt", receipt.pk) in html
    assert "交清了，谢谢您" in page(owner, route("bill", bills[0].number))


def test_show_payment_asks_at_most_every_few_seconds(owner, bills, platform):
    address = press(owner, bills[0])
    page(owner, address)
    platform.turn("pay", number=Intent.objects.get().number, callback=False)
    assert "待交" in page(owner, address)
    look_again()
    assert "已交清" in page(owner, address)


def test_ask_platform_without_valkey_tells_what_is_known(owner, bills, platform, monkeypatch):
    press(owner, bills[0])

    def away(*args: object, **options: object) -> None:
        raise ValkeyAwayError

    monkeypatch.setattr(cache, "add", away)
    assert ask_platform(intent=Intent.objects.get(), now=timezone.now()).state == IntentState.PENDING


def test_show_payment_answers_htmx_with_news_or_with_nothing(owner, bills, platform):
    address = press(owner, bills[0])
    htmx = {"HX-Request": "true"}
    assert owner.get(f"{address}?seen=pending", headers=htmx).status_code == 204
    platform.turn("pay", number=Intent.objects.get().number, callback=False)
    look_again()
    answer = owner.get(f"{address}?seen=pending", headers=htmx)
    html = answer.content.decode()
    assert "已交清" in html
    assert "<html" not in html
    assert "hx-get" not in html


def test_start_again_while_it_is_pending_shows_how_it_stands(owner, bills, platform):
    assert press(owner, bills[0]) == press(owner, bills[0])
    assert Intent.objects.count() == 1


def test_start_in_another_way_while_it_is_pending_shows_how_it_stands(owner, bills, platform):
    address = press(owner, bills[0])
    assert press(owner, bills[0], method="alipay") == address
    assert Intent.objects.count() == 1


def test_start_without_an_answer_is_unknown_and_charges_once(owner, bills, platform):
    """P-10: the platform took the order, and maybe the money, and says nothing."""
    platform.turn("fault", operation="create", fault="drop")
    platform.turn("fault", operation="query", fault="fail", times=3)
    address = press(owner, bills[0])
    html = page(owner, address)
    assert "等银行答复" in html
    assert f"{TEN} 给您准信" in html
    assert press(owner, bills[0]) == address
    platform.turn("fault", clear=True)
    platform.turn("pay", number=Intent.objects.get().number, callback=False)
    look_again()
    assert "已交清" in page(owner, address)
    assert Receipt.objects.get().amount == Decimal("290.47")


def test_payment_unknown_past_the_promised_hour_promises_nothing_more(owner, bills, platform):
    platform.turn("fault", operation="create", fault="drop")
    address = press(owner, bills[0])
    Intent.objects.update(started_at=timezone.now() - timedelta(days=2), next_query_at=None)
    platform.turn("fault", operation="query", fault="fail", times=3)
    assert "已经有人在查了" in page(owner, address)


def test_start_of_a_platform_nobody_can_reach_says_that_no_money_moved(
    owner, bills, platform, world, settings
):
    secret = settings.MERCHANT_SECRETS / f"{world.wechat.secret_name}.json"
    secret.write_text(secret.read_text().replace(platform.address, "http://127.0.0.1:9"))
    answer = owner.post(route("start"), form_of(bills[0]))
    html = answer.content.decode()
    assert answer.status_code == 503
    assert 'role="alert"' in html
    assert "290.47" in html
    assert press(owner, bills[0], method="alipay")


def test_start_of_more_than_is_open_shows_the_sum_again(owner, bills, platform):
    answer = owner.post(route("start"), form_of(bills[0], amounts=("999.00",)))
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "210.47" in html
    assert "999.00" not in html


def test_start_of_lines_of_others_is_not_found(owner, bills, platform):
    assert owner.post(route("start"), form_of(bills[2], amounts=("309.45",))).status_code == 404


def test_start_by_get_after_a_log_in_shows_the_sum(owner, bills):
    assert owner.get(route("start")).url == route("sum")


def test_two_bills_of_two_units_are_paid_at_once_and_receipted(owner, bills, platform):
    both = form_of(bills[0])
    both["part-of"] += form_of(bills[1])["part-of"]
    address = owner.post(route("start"), both).url
    platform.turn("pay", number=Intent.objects.get().number, callback=False)
    page(owner, address)
    receipt = Receipt.objects.get()
    html = page(owner, route("receipt", receipt.pk))
    assert "580.94" in html
    assert bills[0].account.unit.label in html
    assert bills[1].account.unit.label in html
    assert "现在没有要交的账单" in page(owner, route("home"))


def test_a_part_leaves_the_rest_open_and_says_so(owner, bills, platform):
    address = press(owner, bills[0], amounts=("100.00",))
    platform.turn("pay", number=Intent.objects.get().number, callback=False)
    page(owner, address)
    assert outstanding(bills[0]) == Decimal("190.47")
    html = page(owner, route("bill", bills[0].number))
    assert "已经交了 100.00 元" in html
    assert "190.47" in html


def test_drop_lets_another_way_be_chosen(owner, bills, platform):
    address = press(owner, bills[0])
    answer = owner.post(route("drop", Intent.objects.get().number))
    assert answer.status_code == 303
    assert answer.url.startswith(route("sum"))
    assert "290.47" in page(owner, answer.url)
    assert press(owner, bills[0], method="alipay") != address


def test_drop_finds_that_the_money_was_faster(owner, bills, platform):
    address = press(owner, bills[0])
    platform.turn("pay", number=Intent.objects.get().number, callback=False)
    assert owner.post(route("drop", Intent.objects.get().number)).url == address
    assert "已交清" in page(owner, address)


def test_drop_without_a_certain_answer_goes_on_waiting(owner, bills, platform):
    address = press(owner, bills[0])
    platform.turn("fault", operation="close", fault="fail")
    assert owner.post(route("drop", Intent.objects.get().number)).url == address
    assert Intent.objects.get().is_live


def test_payment_that_ran_out_of_time_can_be_tried_again(owner, bills, platform):
    address = press(owner, bills[0])
    Intent.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    html = page(owner, address)
    assert "没有成功" in html
    assert "再试一次" in html


class TestLink:
    """Whoever holds a link pays its bills, and sees nothing else (S-27)."""

    @pytest.fixture
    def guest(self) -> Client:
        return Client(HTTP_USER_AGENT=TELEPHONE)

    def press(self, guest: Client, token: str, bill) -> str:
        answer = guest.post(route("link-start", token), form_of(bill))
        assert answer.status_code == 303
        return str(answer["Location"])

    def test_pays_without_a_log_in_and_gets_the_receipt(self, guest, bills, platform):
        token = token_for(bills[0].pk)
        address = self.press(guest, token, bills[0])
        platform.turn("pay", number=Intent.objects.get().number, callback=False)
        assert "已交清" in page(guest, f"{address}?back=1")
        receipt = Receipt.objects.get()
        html = page(guest, route("link-receipt", token, receipt.pk))
        assert receipt.number in html
        assert "吴建国" not in html
        assert guest.get(route("link-receipt-pdf", token, receipt.pk)).content.startswith(b"%PDF")

    def test_sum_shows_the_masked_payer_and_the_last_day(self, guest, bills, platform):
        html = page(guest, route("link-sum", token_for(bills[0].pk)))
        assert "您替 吴** 交" in html
        assert "这个链接可以用到" in html

    def test_pays_no_other_bill(self, guest, bills, platform):
        token = token_for(bills[0].pk)
        assert guest.post(route("link-start", token), form_of(bills[1])).status_code == 404

    def test_sees_no_payment_and_no_receipt_of_the_owner(self, guest, owner, bills, platform):
        press(owner, bills[0])
        token, number = token_for(bills[0].pk), Intent.objects.get().number
        platform.turn("pay", number=number, callback=False)
        page(owner, route("payment", number))
        assert guest.get(route("link-payment", token, number)).status_code == 404
        assert guest.post(route("link-drop", token, number)).status_code == 404
        assert guest.get(route("link-receipt", token, Receipt.objects.get().pk)).status_code == 404

    def test_hears_that_a_payment_of_the_owner_is_under_way(self, guest, owner, bills, platform):
        press(owner, bills[0])
        answer = guest.post(route("link-start", token_for(bills[0].pk)), form_of(bills[0], method="alipay"))
        assert answer.status_code == 409
        assert 'role="alert"' in answer.content.decode()
        assert Intent.objects.count() == 1

    def test_the_owner_sees_what_a_link_paid(self, guest, owner, bills, platform):
        self.press(guest, token_for(bills[0].pk), bills[0])
        number = Intent.objects.get().number
        platform.turn("pay", number=number, callback=False)
        assert "已交清" in page(owner, route("payment", number))
        assert Receipt.objects.get().number in page(owner, route("receipt", Receipt.objects.get().pk))

    def test_another_owner_sees_none_of_it(self, guest, bills, platform, world):
        stranger = token_for(bills[2].pk)
        self.press(guest, token_for(bills[0].pk), bills[0])
        number = Intent.objects.get().number
        assert guest.get(route("link-payment", stranger, number)).status_code == 404


@pytest.mark.parametrize("name", ["choose", "sum"])
def test_pages_of_paying_with_nothing_open_lead_home(owner, world, name):
    assert owner.get(route(name)).url == route("home")


def test_choose_that_cannot_be_paid_keeps_the_ticks(owner, bills, platform):
    line = bills[0].lines.order_by("pk").first()
    answer = owner.get(route("sum"), {"picked": "1", "line": [line.pk], "part": "a lot"})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert html.count(" checked") == 1
    assert 'value="a lot"' in html


def test_sum_where_no_platform_is_set_up_sends_to_the_desk(owner, bills):
    MerchantAccount.objects.update(is_active=False)
    html = page(owner, route("sum"))
    assert "请到前台交" in html
    assert 'class="btn go"' not in html


def test_create_intent_elsewhere_is_shown_too(owner, bills, platform):
    """An order the desk noted but never sent gives way to the owner's."""
    line = bills[0].lines.first()
    create_intent(wanted={line.pk: None}, gateway="wechat", now=timezone.now())
    assert press(owner, bills[0])
