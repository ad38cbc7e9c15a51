from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count

import pytest

from payments.gateways.interface import BEIJING, Gateway, Order, Scene
from tests.payments.gateways.program import Sandbox, running_sandbox

numbers = count(1)


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox"), "--pace", "0.01", "--merchants", "2") as started:
        yield started


@pytest.fixture(params=["wechat", "alipay"])
def gateway(request: pytest.FixtureRequest, sandbox: Sandbox) -> Gateway:
    return sandbox.gateway(request.param)


@pytest.fixture
def wechat(sandbox: Sandbox) -> Gateway:
    return sandbox.gateway("wechat")


@pytest.fixture
def alipay(sandbox: Sandbox) -> Gateway:
    return sandbox.gateway("alipay")


def make_order(scene: Scene = Scene.QR, amount: str = "309.45", **facts: object) -> Order:
    values: dict[str, object] = {
        "number": f"N{next(numbers):07d}",
        "amount": Decimal(amount),
        "subject": "物业费 8-2-301，11月",
        "scene": scene,
        "notify_url": "http://127.0.0.1:9/notice",
        "expires_at": datetime.now(BEIJING) + timedelta(minutes=30),
        "return_url": "http://127.0.0.1:9/back?bill=7",
        "payer_ip": "203.0.113.7",
        "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
    }
    return Order(**(values | facts))  # type: ignore[arg-type]
