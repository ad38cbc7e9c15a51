"""Routes of the owner's pages: the same views for a logged-in owner and below a signed link."""

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern, path

from core.access import owner_only, public
from portal.views import account, login, paying, prepaying, reading, vacancies

app_name = "portal"

by_link = public("signed link: the token names the bills it opens")
anybody = public("the way in")


def _shared(guard: Callable[[Any], Any], below: str, prefix: str) -> list[URLPattern]:
    return [
        path(f"{below}bills/<str:number>/", guard(reading.show_bill), name=f"{prefix}bill"),
        path(f"{below}bills/<str:number>/pdf/", guard(reading.show_bill_pdf), name=f"{prefix}bill-pdf"),
        path(f"{below}family/", guard(reading.show_family), name=f"{prefix}family"),
        path(f"{below}choose/", guard(paying.choose_lines), name=f"{prefix}choose"),
        path(f"{below}sum/", guard(paying.show_sum), name=f"{prefix}sum"),
        path(f"{below}start/", guard(paying.start), name=f"{prefix}start"),
        path(f"{below}payments/<str:number>/", guard(paying.show_payment), name=f"{prefix}payment"),
        path(f"{below}payments/<str:number>/drop/", guard(paying.drop), name=f"{prefix}drop"),
        path(f"{below}receipts/<int:receipt_id>/", guard(reading.show_receipt), name=f"{prefix}receipt"),
        path(
            f"{below}receipts/<int:receipt_id>/pdf/",
            guard(reading.show_receipt_pdf),
            name=f"{prefix}receipt-pdf",
        ),
    ]


urlpatterns = [
    path("", owner_only(reading.show_home), name="home"),
    path("bills/", owner_only(reading.show_bills), name="bills"),
    path("receipts/", owner_only(reading.show_receipts), name="receipts"),
    path("prepayment/", owner_only(prepaying.show_prepayment), name="prepayment"),
    path("prepayment/start/", owner_only(prepaying.start_top_up), name="top-up"),
    path("me/", owner_only(account.show_me), name="me"),
    path("vacancies/", owner_only(vacancies.show_vacancies), name="vacancies"),
    path("pools/", owner_only(reading.show_pools), name="pools"),
    path("pools/<slug:code>/pdf/", owner_only(reading.show_pools_pdf), name="pools-pdf"),
    path("statements/<int:account_id>/", owner_only(account.show_statement), name="statement"),
    path("statements/<int:account_id>/pdf/", owner_only(account.show_statement_pdf), name="statement-pdf"),
    path("login/", anybody(login.ask_phone), name="login"),
    path("login/code/", anybody(login.ask_code), name="code"),
    path("logout/", anybody(login.leave), name="logout"),
    path("language/", anybody(account.switch_language), name="language"),
    path("elder/", anybody(account.switch_elder), name="elder"),
    path("p/<str:token>/", by_link(reading.show_home), name="pay"),
    *_shared(owner_only, "", ""),
    *_shared(by_link, "p/<str:token>/", "link-"),
]
