"""A small community, an owner who logs in with a phone, links on their bills, and a platform to pay at."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from billing.links import make_pay_link
from billing.models import Bill
from tests.payments.gateways.program import Sandbox, running_sandbox
from tests.payments.world import World, make_world
from users.services.owners import find_or_create_owner

PHONE = "13800001234"
BACKEND = "django.contrib.auth.backends.ModelBackend"
TELEPHONE = "Mozilla/5.0 (Linux; Android 12) AppleWebKit/537.36 Chrome/100 Mobile Safari/537.36"


@pytest.fixture
def world(db: None) -> World:
    """Two flats of one owner with a phone, a third of somebody else."""
    world = make_world()
    payer = world.accounts[0].payer
    payer.phone = PHONE
    payer.save()
    return world


@pytest.fixture
def owner(world: World) -> Client:
    """The first owner's telephone, logged in."""
    client = Client(HTTP_USER_AGENT=TELEPHONE)
    client.force_login(find_or_create_owner(phone=PHONE), backend=BACKEND)
    return client


@pytest.fixture
def bills(world: World) -> list[Bill]:
    """A bill of 210.47 + 80.00 on each of the first owner's flats, and one of 309.45 on the stranger's."""
    due = timezone.localdate() + timedelta(days=8)
    lines = [world.bill(account, "210.47", "80.00", due=due) for account in world.accounts[:2]]
    lines.append(world.bill(world.accounts[2], "309.45", due=due))
    return [line[0].bill for line in lines]


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A running payment platform."""
    with running_sandbox(tmp_path_factory.mktemp("sandbox"), "--pace", "0.01") as started:
        yield started


@pytest.fixture
def platform(world: World, sandbox: Sandbox, settings: Any, tmp_path: Path) -> Iterator[Sandbox]:
    """The platform with the community's merchants; mishaps planned by one test never strike another."""
    settings.MERCHANT_SECRETS = tmp_path
    for merchant in (world.wechat, world.alipay):
        config = sandbox.config(merchant.gateway)
        merchant.merchant_id, merchant.app_id = config.merchant_id, config.app_id
        merchant.save()
        (tmp_path / f"{merchant.secret_name}.json").write_text(json.dumps(asdict(config)))
    yield sandbox
    sandbox.turn("fault", clear=True)


def route(name: str, *args: object) -> str:
    """The address of a page of the portal."""
    return reverse(f"portal:{name}", args=args)


def token_for(*bill_ids: int) -> str:
    """The token of a link to these bills."""
    return make_pay_link(list(bill_ids), timezone.localdate()).rstrip("/").rsplit("/", 1)[1]
