from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from payments.models import MerchantAccount
from tests.payments.gateways.platforms import Platform
from tests.payments.gateways.program import Sandbox, running_sandbox
from tests.payments.world import World, make_world


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A running payment platform with two merchants at each of WeChat Pay and Alipay."""
    folder = tmp_path_factory.mktemp("sandbox")
    with running_sandbox(folder, "--pace", "0.01", "--merchants", "2") as started:
        yield started


@pytest.fixture(scope="session")
def platform(sandbox: Sandbox) -> Platform:
    """The platforms' own keys: signs callbacks in the test's process."""
    return Platform.open(sandbox.state)


@pytest.fixture
def world(db: None) -> World:
    """A small community whose bills are owed."""
    return make_world()


@pytest.fixture
def shop(world: World, sandbox: Sandbox, settings: Any, tmp_path: Path) -> World:
    """The community with merchants at the running platform, their keys in secret files."""
    settings.MERCHANT_SECRETS = tmp_path
    for merchant in (world.wechat, world.alipay):
        config = sandbox.config(merchant.gateway)
        merchant.merchant_id, merchant.app_id = config.merchant_id, config.app_id
        merchant.save()
        (tmp_path / f"{merchant.secret_name}.json").write_text(json.dumps(asdict(config)))
    return world


@pytest.fixture(autouse=True)
def no_faults(request: pytest.FixtureRequest) -> Iterator[None]:
    """A mishap planned by one test never strikes another."""
    yield
    if "sandbox" in request.fixturenames:
        request.getfixturevalue("sandbox").turn("fault", clear=True)


def merchant_of(world: World, gateway: str) -> MerchantAccount:
    """The community's merchant account at a platform."""
    return {"wechat": world.wechat, "alipay": world.alipay}[gateway]
