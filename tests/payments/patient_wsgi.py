"""The product's door where nobody is sent away for waiting: what crowds of callbacks talk to on a busy machine."""

from django.core.handlers.wsgi import WSGIHandler

from config import databases


def make_application() -> WSGIHandler:
    """Let this process wait for locks and connections as a command does, and return the product's application."""
    databases.PATIENCE["web"] = databases.PATIENCE["command"]
    databases.POOL["timeout"] = 120
    from config.wsgi import application  # app registry: reads its settings now, with the patience above

    return application
