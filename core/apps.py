from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _

from core.logs import configure_structlog


class CoreConfig(AppConfig):
    """Registers the app with Django and lets every app register its subscribers, jobs and checks."""

    name = "core"
    verbose_name = _("Core")

    def ready(self) -> None:
        """Import the modules in which apps declare what they bring: importing registers it."""
        configure_structlog()
        import_module("core.upkeep")
        autodiscover_modules("events", "nightly", "invariants", "policies", "closing", "sources", "people")
