"""The door for gunicorn. All pages are loaded here, so that workers forked afterwards share them and need not."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("NUANLIN_PROCESS", "web")

application = get_wsgi_application()
get_resolver().url_patterns  # noqa: B018  reading them imports every page
