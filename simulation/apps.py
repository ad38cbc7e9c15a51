from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SimulationConfig(AppConfig):
    """Registers the app with Django."""

    name = "simulation"
    verbose_name = _("Simulation")
