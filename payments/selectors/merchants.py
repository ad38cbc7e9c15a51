"""A merchant account and its keys, which never stand in the database.

The secret of an account is one JSON object with the fields of ``gateways.interface.MerchantConfig``. It is read from
the environment variable ``MERCHANT_<NAME>`` (the name in capitals, hyphens as underscores), else from the file
``<name>.json`` in ``settings.MERCHANT_SECRETS``, by default ``merchants/`` in the state folder, readable by us alone.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError
from payments.gateways.interface import Gateway, MerchantConfig
from payments.gateways.registry import gateway_for
from payments.models import MerchantAccount


class MerchantNotReadyError(DomainError):
    """The keys of a merchant account are missing or belong to another account."""

    code = "payments.merchant_not_ready"
    status = 503
    message = _("This way of paying is not set up yet. Please choose another one, or pay at the desk.")


def get_gateway(merchant: MerchantAccount) -> Gateway:
    """Return the line to the platform of a merchant account, with the keys of its secret.

    Raises MerchantNotReadyError when the secret is missing, unreadable, or names another merchant, app or platform.
    """
    config = _read_config(merchant.secret_name)
    named = (config.gateway, config.merchant_id, config.app_id)
    if named != (merchant.gateway, merchant.merchant_id, merchant.app_id):
        raise MerchantNotReadyError()
    return gateway_for(config)


def secrets_folder() -> Path:
    """Return the folder that holds the merchants' secret files."""
    return Path(getattr(settings, "MERCHANT_SECRETS", settings.STATE_DIR / "merchants"))


def find_merchant(*, community_id: int, gateway: str) -> MerchantAccount | None:
    """Return the account in use of a community at a platform, or None."""
    return MerchantAccount.objects.filter(community_id=community_id, gateway=gateway, is_active=True).first()


def list_merchants(community_id: int) -> list[MerchantAccount]:
    """Return the accounts in use of a community, WeChat Pay first."""
    return list(
        MerchantAccount.objects.filter(community_id=community_id, is_active=True).order_by("-gateway")
    )


def _read_config(name: str) -> MerchantConfig:
    try:
        return MerchantConfig.from_mapping(_read_secret(name))
    except (OSError, ValueError, TypeError) as error:
        raise MerchantNotReadyError() from error


def _read_secret(name: str) -> dict[str, Any]:
    text = os.environ.get(f"MERCHANT_{name.upper().replace('-', '_')}")
    secret: dict[str, Any] = json.loads(
        text or (secrets_folder() / f"{name}.json").read_text(encoding="utf-8")
    )
    return secret
