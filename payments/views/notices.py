"""The platforms' door: callbacks, taken as raw bytes."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from core.access import public
from payments.models import MerchantAccount
from payments.selectors.merchants import MerchantNotReadyError
from payments.services.notices import receive_notice

LONGEST_NOTICE = 64 * 1024
PRIVATE_HEADERS = {"Cookie", "Authorization"}


@public("gateway callback: the platform's signature is the key")
@csrf_exempt
@require_POST
def take_notice(request: HttpRequest, gateway: str, slug: str) -> HttpResponse:
    """Take a platform's callback and answer in its words; 404 for an address nobody was told."""
    merchant = MerchantAccount.objects.filter(gateway=gateway, slug=slug).first()
    if merchant is None:
        raise Http404
    if int(request.headers.get("Content-Length") or 0) > LONGEST_NOTICE:
        return HttpResponse(status=413)
    headers = {name: value for name, value in request.headers.items() if name not in PRIVATE_HEADERS}
    try:
        answer = receive_notice(merchant=merchant, headers=headers, body=request.body, now=timezone.now())
    except MerchantNotReadyError:
        return HttpResponse(status=503)
    return HttpResponse(answer.body, status=answer.status, content_type=answer.content_type)
