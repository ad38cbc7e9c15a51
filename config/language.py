from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from core.access import public


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


@public("changes the language of this browser, and of the profile of whoever is logged in; nothing else")
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Speak another language from now on: in this browser, and wherever the person logs in."""
    chosen = request.POST.get("language", "")
    if request.user.is_authenticated and chosen in dict(settings.LANGUAGES):
        request.user.language = chosen
        request.user.save(update_fields=["language"])
    return set_language(request)
