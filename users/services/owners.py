"""Owners' log-ins: made when a phone of the register proves itself for the first time."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core.errors import NotFoundError
from estates.models import Person
from users.models import User


class NotRegisteredError(NotFoundError):
    """No person of any community has this phone."""

    code = "phone_not_registered"
    message = _("This number is not in our register. The service desk can add it.")


@transaction.atomic
def find_or_create_owner(*, phone: str) -> User:
    """The log-in of a phone that has just proved itself.

    Raises:
        NotRegisteredError: the phone is in no register (any more).
    """
    if not Person.objects.filter(phone=phone).exists():
        raise NotRegisteredError
    user, created = User.objects.get_or_create(phone=phone, defaults={"username": f"owner-{phone}"})
    if created:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return user


def remember_choice(*, user: User, language: str | None = None, elder_mode: bool | None = None) -> None:
    """Keep how a person likes to read with the log-in: in which language, in large print or not; None is left."""
    chosen = {"language": language, "elder_mode": elder_mode}
    User.objects.filter(pk=user.pk).update(
        **{name: value for name, value in chosen.items() if value is not None}
    )
