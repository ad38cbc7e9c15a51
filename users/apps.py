from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UsersConfig(AppConfig):
    """Registers the app with Django."""

    name = "users"
    verbose_name = _("Users")
