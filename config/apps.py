from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from config.celery import app as celery_app

__all__ = ["ConfigConfig", "celery_app"]  # tasks find their app wherever Django is set up


class ConfigConfig(AppConfig):
    """Makes the project's own commands known to Django."""

    name = "config"
    verbose_name = _("Configuration")
