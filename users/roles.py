"""Which role may do what: the one table of permissions."""

from collections.abc import Iterable
from functools import cache

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """The roles of K4. Staff hold roles per community; an owner's log-in is an owner and nothing else."""

    COMPANY_ADMIN = "company_admin", _("company admin")
    MANAGER = "manager", _("manager")
    CASHIER = "cashier", _("cashier")
    FINANCE = "finance", _("finance")
    ENGINEER = "engineer", _("engineer")
    OWNER = "owner", _("owner")


_EVERY_DESK = {"staff.home", "estates.view", "estates.vacancies", "staff.profile"}
_MONEY_READERS = {"billing.view", "payments.view", "dashboards.view", "dashboards.export", "messaging.view"}

PERMISSIONS: dict[Role, frozenset[str]] = {
    Role.COMPANY_ADMIN: frozenset(
        _EVERY_DESK
        | _MONEY_READERS
        | {"estates.import", "estates.reveal", "billing.tariffs", "billing.run", "billing.review"}
        | {"estates.check_readings"}
        | {
            "billing.issue",
            "billing.correct",
            "billing.approve",
            "payments.refund",
            "payments.settle",
            "settings.view",
            "settings.change",
        }
        | {"users.view", "users.change", "audit.view", "operations.view", "operations.replay", "ledger.view"}
        | {"ledger.close"}
    ),
    Role.MANAGER: frozenset(
        _EVERY_DESK
        | _MONEY_READERS
        | {"estates.import", "estates.reveal", "billing.tariffs", "billing.run", "billing.review"}
        | {"estates.check_readings"}
        | {"billing.issue", "billing.correct", "billing.approve", "settings.view", "audit.view"}
    ),
    Role.CASHIER: frozenset(
        _EVERY_DESK
        | {"billing.view", "billing.run", "billing.correct", "payments.view", "payments.take"}
        | {"estates.read_meters", "estates.check_readings"}
    ),
    Role.FINANCE: frozenset(
        _EVERY_DESK
        | _MONEY_READERS
        | {"ledger.view", "ledger.close", "audit.view", "billing.review", "settings.view"}
        | {"billing.correct", "billing.approve", "payments.settle"}
    ),
    Role.ENGINEER: frozenset(_EVERY_DESK | {"estates.readings", "estates.read_meters"}),
    Role.OWNER: frozenset({"portal.own"}),
}


def permissions_of(roles: Iterable[Role]) -> frozenset[str]:
    """The union of what the roles may do."""
    return _union(frozenset(roles))


def roles_that_may(permission: str) -> list[Role]:
    """The roles that carry a permission."""
    return [role for role, held in PERMISSIONS.items() if permission in held]


@cache
def _union(roles: frozenset[Role]) -> frozenset[str]:
    return frozenset().union(*(PERMISSIONS[role] for role in roles))
