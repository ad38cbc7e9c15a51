from dataclasses import replace

import pytest

from payments.gateways.registry import gateway_for
from tests.payments.gateways.program import Sandbox


def test_gateway_for_same_configuration_is_made_once(sandbox: Sandbox) -> None:
    assert gateway_for(sandbox.config("wechat")) is gateway_for(sandbox.config("wechat"))


def test_gateway_for_unknown_name_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(LookupError):
        gateway_for(replace(sandbox.config("wechat"), gateway="unionpay"))


def test_gateway_for_shows_no_key_in_its_representation(sandbox: Sandbox) -> None:
    shown = repr(sandbox.config("wechat"))
    assert "PRIVATE" not in shown
    assert sandbox.config("wechat").secret not in shown
