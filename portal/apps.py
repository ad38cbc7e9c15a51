from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    """Registers the app with Django."""

    name = "portal"
    verbose_name = _("Portal")
