from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers


class PersonLanguageMiddleware:
    """Speaks the language a person chose: on the profile, else in the cookie, else Chinese.

    Offices share computers whose browsers were installed in English; their clerks read Chinese.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = find_language(request)
        request.LANGUAGE_CODE = language
        with translation.override(language):
            response = self.get_response(request)
            if isinstance(response, HttpResponse) and not response.streaming:
                patch_vary_headers(response, ["Cookie"])
        response.headers.setdefault("Content-Language", language)
        return response


def find_language(request: HttpRequest) -> str:
    """The chosen language among those offered, else the default."""
    offered = dict(settings.LANGUAGES)
    chosen = [getattr(request.user, "language", ""), request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")]
    return next((language for language in chosen if language in offered), settings.LANGUAGE_CODE)
