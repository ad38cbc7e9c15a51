from django.apps import AppConfig
from django.contrib import admin
from django.utils.translation import gettext_lazy as _


class DashboardsConfig(AppConfig):
    """Registers the app with Django and names the home page of the staff pages."""

    name = "dashboards"
    verbose_name = _("Dashboards")

    def ready(self) -> None:
        """Name the home page."""
        admin.site.index_title = _("Home")
