from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EstatesConfig(AppConfig):
    """Registers the app with Django."""

    name = "estates"
    verbose_name = _("Estates")
