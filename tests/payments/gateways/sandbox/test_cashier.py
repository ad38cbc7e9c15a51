"""The wallet's pages, as a browser meets them."""

import re
from urllib.parse import parse_qs, urlsplit

import requests

from payments.gateways.interface import Gateway, PaymentState, Scene
from tests.payments.gateways.conftest import make_order
from tests.payments.gateways.program import Sandbox


def press(page: requests.Response, answer: str) -> requests.Response:
    """Press a button of the cashier page and return what came back, redirects not followed."""
    action = re.search(r'action="([^"]+)"', page.text)
    back = re.search(r'name="back" value="([^"]*)"', page.text)
    assert action
    assert back
    address = "{0.scheme}://{0.netloc}".format(urlsplit(page.url)) + action[1]
    form = {"answer": answer, "back": back[1].replace("&amp;", "&")}
    return requests.post(address, data=form, allow_redirects=False, timeout=60)


def test_answer_order_yes_pays_and_leads_back(gateway: Gateway) -> None:
    order = make_order(Scene.PHONE)
    page = requests.get(gateway.create_order(order).url, timeout=60)
    assert "付 ¥309.45" in page.text
    answer = press(page, "pay")
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(order.return_url)
    assert gateway.query_order(order.number).state is PaymentState.SUCCESS


def test_answer_order_no_charges_nothing_and_leads_back(gateway: Gateway) -> None:
    order = make_order(Scene.PHONE)
    answer = press(requests.get(gateway.create_order(order).url, timeout=60), "leave")
    assert answer.headers["Location"] == order.return_url
    assert gateway.query_order(order.number).state is PaymentState.PENDING


def test_answer_order_leads_nowhere_but_to_the_web(wechat: Gateway) -> None:
    order = make_order(Scene.PHONE, return_url="javascript:alert(1)")
    answer = press(requests.get(wechat.create_order(order).url, timeout=60), "pay")
    assert (answer.status_code, "javascript:" in answer.text) == (200, False)


def test_answer_order_twice_charges_once(sandbox: Sandbox, wechat: Gateway) -> None:
    order = make_order()
    page = requests.get(wechat.create_order(order).code, timeout=60)
    press(page, "pay")
    first = sandbox.turn("order", number=order.number)
    assert "这笔已经付过了" in press(page, "pay").text
    assert sandbox.turn("order", number=order.number) == first


def test_show_order_that_was_closed_takes_no_money(wechat: Gateway) -> None:
    order = make_order()
    address = wechat.create_order(order).code
    wechat.close_order(order.number)
    page = requests.get(address, timeout=60).text
    assert "这笔订单已关闭" in page
    assert "<button" not in page


def test_show_order_escapes_what_the_merchant_wrote(wechat: Gateway) -> None:
    order = make_order(subject='<script>alert(1)</script>"')
    page = requests.get(wechat.create_order(order).code, timeout=60)
    assert "<script>" not in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_lead_back_of_alipay_is_signed_but_proves_nothing(alipay: Gateway) -> None:
    order = make_order(Scene.DESKTOP)
    answer = press(requests.get(alipay.create_order(order).url, timeout=60), "pay")
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert query["bill"] == ["7"]
    assert query["out_trade_no"] == [order.number]
    assert query["sign_type"] == ["RSA2"]


def test_show_wallet_lists_what_waits(sandbox: Sandbox, wechat: Gateway) -> None:
    order = make_order(subject="物业费 5-1-2602")
    wechat.create_order(order)
    assert "物业费 5-1-2602" in requests.get(f"{sandbox.address}/", timeout=60).text


def test_show_order_unknown_is_404(sandbox: Sandbox) -> None:
    assert requests.get(f"{sandbox.address}/pay/nothing", timeout=60).status_code == 404
