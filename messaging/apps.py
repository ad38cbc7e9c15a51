from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MessagingConfig(AppConfig):
    """Registers the app with Django."""

    name = "messaging"
    verbose_name = _("Messaging")
