from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PaymentsConfig(AppConfig):
    """Registers the app with Django."""

    name = "payments"
    verbose_name = _("Payments")
