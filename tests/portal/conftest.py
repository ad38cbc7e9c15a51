"""A small community, an owner who logs in with a phone, and the link on their bill."""

from __future__ import annotations

import pytest
from django.test import Client

from payments.models import Intent
from portal.urls import app_name
from tests.payments.world import World, make_world
from users.services.owners import find_or_create_owner

PHONE = "13800001234"
BACKEND = "django.contrib.auth.backends.ModelBackend"


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
    """The first owner's browser, logged in."""
    client = Client()
    client.force_login(find_or_create_owner(phone=PHONE), backend=BACKEND)
    return client


def route(name: str, *args: object) -> str:
    """The address of a page of the portal."""
    from django.urls import reverse

    return reverse(f"{app_name}:{name}", args=args)


def only_intent() -> Intent:
    """The one payment that was started."""
    return Intent.objects.get()
