"""Routes of payments: the platforms' callbacks, the API, the desk, and receipts."""

from django.urls import path

from payments.api import held as api_held
from payments.api import money as api_money
from payments.views import desk, held, notices, receipts

app_name = "payments"

urlpatterns = [
    path("payments/notices/<slug:gateway>/<slug:slug>/", notices.take_notice, name="notice"),
    path("r/<str:token>/", receipts.verify_receipt, name="verify_receipt"),
    path("admin/desk/", desk.DeskView.as_view(), name="desk"),
    path("admin/desk/accounts/<int:pk>/", desk.TakeView.as_view(), name="take"),
    path("admin/desk/accounts/<int:pk>/held/", held.HeldView.as_view(), name="held"),
    path("admin/desk/accounts/<int:pk>/deposit/", held.TakeDepositView.as_view(), name="take_deposit"),
    path("admin/desk/accounts/<int:pk>/payout/", held.AskPayoutView.as_view(), name="ask_payout"),
    path("admin/desk/deposits/<int:pk>/pdf/", held.print_deposit, name="deposit_pdf"),
    path("admin/payouts/", held.PayoutsView.as_view(), name="payouts"),
    path("admin/payouts/<int:pk>/approve/", held.approve, name="approve_payout"),
    path("admin/payouts/<int:pk>/refuse/", held.refuse, name="refuse_payout"),
    path("admin/payouts/<int:pk>/withdraw/", held.withdraw, name="withdraw_payout"),
    path("admin/desk/receipts/<int:pk>/", desk.ReceiptView.as_view(), name="receipt"),
    path("admin/desk/receipts/<int:pk>/pdf/", receipts.print_receipt, name="receipt_pdf"),
    path("admin/desk/exceptions/<int:pk>/", desk.SettleExceptionView.as_view(), name="settle_exception"),
    path("api/intents/", api_money.IntentsView.as_view(), name="api_intents"),
    path("api/intents/<str:number>/", api_money.IntentView.as_view(), name="api_intent"),
    path("api/intents/<str:number>/query/", api_money.IntentQueryView.as_view(), name="api_intent_query"),
    path("api/intents/<str:number>/close/", api_money.IntentCloseView.as_view(), name="api_intent_close"),
    path("api/my/receipts/", api_money.OwnReceiptsView.as_view(), name="api_own_receipts"),
    path("api/receipts/", api_money.ReceiptsView.as_view(), name="api_receipts"),
    path("api/desk/receipts/", api_money.DeskReceiptsView.as_view(), name="api_desk_receipts"),
    path("api/prepayments/", api_money.PrepaymentsView.as_view(), name="api_prepayments"),
    path("api/accounts/<int:pk>/prepayment/", api_held.PrepaidView.as_view(), name="api_prepaid"),
    path("api/deposits/", api_held.DepositsView.as_view(), name="api_deposits"),
    path("api/desk/deposits/", api_held.TakeDepositView.as_view(), name="api_take_deposit"),
    path("api/payouts/", api_held.PayoutsView.as_view(), name="api_payouts"),
    path("api/payouts/<int:pk>/", api_held.PayoutView.as_view(), name="api_payout"),
    path("api/payouts/<int:pk>/approve/", api_held.ApproveView.as_view(), name="api_approve_payout"),
    path("api/payouts/<int:pk>/refuse/", api_held.RefuseView.as_view(), name="api_refuse_payout"),
    path("api/payouts/<int:pk>/withdraw/", api_held.WithdrawView.as_view(), name="api_withdraw_payout"),
    path("api/payment-exceptions/", api_money.ExceptionsView.as_view(), name="api_exceptions"),
    path(
        "api/payment-exceptions/<int:pk>/outcome/",
        api_money.ExceptionOutcomeView.as_view(),
        name="api_exception_outcome",
    ),
]
