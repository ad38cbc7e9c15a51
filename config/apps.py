from pathlib import Path

from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from config.catalogues import compile_catalogues
from config.celery import app as celery_app

__all__ = ["ConfigConfig", "celery_app"]  # tasks find their app wherever Django is set up


class ConfigConfig(AppConfig):
    """Makes the project's own commands known to Django, and keeps the compiled catalogues fresh."""

    name = "config"
    verbose_name = _("Configuration")

    def ready(self) -> None:
        """Compile the catalogues when a part is newer; costs a few looks at the disk otherwise."""
        compile_catalogues(Path(settings.LOCALE_PATHS[0]))
