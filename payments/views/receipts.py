"""Receipts on paper, and the page that says whether a paper is genuine."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone, translation

from core.access import public, requires
from payments.models import Receipt
from payments.paper import render_receipt
from payments.selectors.receipts import find_verified
from payments.services.printing import record_print
from users.acting import acting_user


@requires("payments.view")
def print_receipt(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the receipt as PDF; the second print and every later one says which reprint it is."""
    rows = Receipt.objects.visible_to(request.user).select_related("community", "account__unit__building")
    receipt: Receipt = get_object_or_404(rows, pk=pk)
    now = timezone.now()
    reprint = record_print(receipt=receipt, by=acting_user(request), now=now)
    paper = render_receipt(
        receipt, now=now, language=translation.get_language() or "zh-hans", reprint=reprint
    )
    headers = {
        "Content-Disposition": f'inline; filename="{receipt.number}.pdf"',
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(paper, content_type="application/pdf", headers=headers)


@public("the code on a receipt: the signed token is the key, and says no more than the paper does")
def verify_receipt(request: HttpRequest, token: str) -> HttpResponse:
    """Say whether a paper is one of ours: number, day and amount as we have them."""
    receipt = find_verified(token, timezone.now())
    return render(request, "payments/verify.html", {"receipt": receipt})
