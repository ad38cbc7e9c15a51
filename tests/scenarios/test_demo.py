"""A small community lives two months: from roster to receipts, through the real services and a real platform."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import call_command

from billing.models import PaidAhead, Waiver
from core.invariants import check_all
from estates.models import Community, VacancyEntitlement
from messaging.channels import switchboard
from messaging.models import OutboundMessage
from payments.models import Channel, Intent, Receipt
from simulation.selectors import measure_story
from simulation.services.founding import CODE
from simulation.services.story import Plot, tell_story

PLOT = Plot(units=24, months=2, seed=7, until=date(2026, 10, 28))


@pytest.fixture
def own_state(settings: LazySettings, tmp_path: Path) -> Iterator[None]:
    """A state folder of its own: keys, orders of the platform and messages."""
    settings.STATE_DIR = tmp_path
    settings.MERCHANT_SECRETS = tmp_path / "merchants"
    settings.MESSAGE_CHANNELS = ["file"]
    switchboard.list_channels.cache_clear()
    yield
    switchboard.list_channels.cache_clear()


def live() -> dict[str, Any]:
    tell_story(PLOT, tell=lambda _month: None)
    return measure_story(Community.objects.get(code=CODE), PLOT.until)


@pytest.mark.django_db(transaction=True)
def test_two_months_add_up_and_the_same_plot_gives_the_same_figures(own_state: None) -> None:
    figures = live()

    assert figures["units"] == 24
    assert figures["imbalance"] == Decimal("0.00")
    assert check_all() == []
    assert figures["received"] > 0
    waived = sum(Waiver.objects.values_list("amount", flat=True), Decimal())
    assert figures["billed"] - figures["received"] - figures["outstanding"] == waived
    assert Receipt.objects.filter(channel=Channel.WECHAT).exists()
    assert not Intent.objects.exclude(state="paid").exists()
    stages = VacancyEntitlement.objects.order_by("pk").values_list("state", flat=True)
    assert list(stages) == ["refused", "inspected", "applied"]
    assert PaidAhead.objects.get().gift > 0
    keys = list(OutboundMessage.objects.values_list("dedupe_key", flat=True))
    assert len(keys) == len(set(keys)) == figures["messages"]

    call_command("flush", interactive=False, verbosity=0)
    assert live() == figures
