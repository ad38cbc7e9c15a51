"""What the owner's pages show: one frozen view model a page, filled by the views, drawn by `templates/portal/`.

Amounts, days and periods come as values and are written by the templates; names and phones come masked; every
link is a ready address, and an empty address hides what it would open. Texts that explain a line come ready
in the reader's language, because the explanation of the line makes them.
"""

from portal.pages.accounts import PoolsOfUnits, PoolsPage, ReceiptPage, ReceiptRow, StatementPage
from portal.pages.bills import BillPage, ChangeView, LateFeeView, LineView, ReductionView
from portal.pages.frames import (
    Frame,
    LinkView,
    ListPage,
    ListYear,
    MessagePage,
    RowView,
    StateView,
    StepView,
    Tabs,
)
from portal.pages.home import DueView, HomePage, LoginPage, MePage, UnitView
from portal.pages.paying import (
    ChoiceBill,
    ChoiceLine,
    ChoosePage,
    FamilyPage,
    PaymentPage,
    PayMethod,
    PayPage,
    PayRow,
)
from portal.pages.prepaying import AccountView, AheadView, OfferView, PrepaymentPage
from portal.pages.vacancies import VacanciesPage, VacancyChoice, VacancyView

__all__ = [
    "AccountView",
    "AheadView",
    "BillPage",
    "ChangeView",
    "ChoiceBill",
    "ChoiceLine",
    "ChoosePage",
    "DueView",
    "FamilyPage",
    "Frame",
    "HomePage",
    "LateFeeView",
    "LineView",
    "LinkView",
    "ListPage",
    "ListYear",
    "LoginPage",
    "MePage",
    "MessagePage",
    "OfferView",
    "PayMethod",
    "PayPage",
    "PayRow",
    "PaymentPage",
    "PoolsOfUnits",
    "PoolsPage",
    "PrepaymentPage",
    "ReceiptPage",
    "ReceiptRow",
    "ReductionView",
    "RowView",
    "StateView",
    "StatementPage",
    "StepView",
    "Tabs",
    "UnitView",
    "VacanciesPage",
    "VacancyChoice",
    "VacancyView",
]
