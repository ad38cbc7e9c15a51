from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DunningConfig(AppConfig):
    """Registers the app with Django."""

    name = "dunning"
    verbose_name = _("Collections")
