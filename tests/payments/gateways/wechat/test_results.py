from decimal import Decimal

import pytest

from payments.gateways.interface import PaymentState
from payments.gateways.wechat.results import mask_account, read_fen, read_payment, read_time

TRADE = {
    "appid": "wxd678efh567hg6787",
    "mchid": "1230000109",
    "out_trade_no": "N0000001",
    "transaction_id": "4200001825202311182111235023",
    "trade_state": "SUCCESS",
    "success_time": "2026-11-20T10:34:56+08:00",
    "payer": {"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},
    "amount": {"total": 30945, "payer_total": 30900, "currency": "CNY"},
}


def test_read_payment_takes_the_orders_total_not_what_coupons_left() -> None:
    result = read_payment(TRADE)
    assert (result.state, result.amount) == (PaymentState.SUCCESS, Decimal("309.45"))
    assert (result.transaction_id, result.payer_account) == ("4200001825202311182111235023", "oUpF****eS6o")


def test_read_payment_not_paid_yet_has_no_amount_to_believe() -> None:
    open_trade = {key: TRADE[key] for key in ("appid", "mchid", "out_trade_no")} | {"trade_state": "NOTPAY"}
    result = read_payment(open_trade)
    assert (result.state, result.amount, result.currency, result.paid_at) == (
        PaymentState.PENDING,
        None,
        "",
        None,
    )


@pytest.mark.parametrize(
    ("fen", "yuan"), [(0, "0.00"), (1, "0.01"), (30945, "309.45"), (10**11, "1000000000.00")]
)
def test_read_fen_is_exact(fen: int, yuan: str) -> None:
    assert read_fen(fen) == Decimal(yuan)


@pytest.mark.parametrize("value", [1.0, "1", True, None, -1, [1]])
def test_read_fen_of_another_type_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        read_fen(value)


@pytest.mark.parametrize("text", ["2026-11-20T10:34:56", "20/11/2026", "now"])
def test_read_time_without_a_zone_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=text):
        read_time(text)


@pytest.mark.parametrize(
    ("openid", "masked"),
    [("", ""), ("short", "*****"), ("12345678", "********"), ("123456789", "1234****6789")],
)
def test_mask_account_never_shows_all(openid: str, masked: str) -> None:
    assert mask_account(openid) == masked
