"""Routes of the ledger's own staff pages; the journal is in the admin."""

from django.urls import path

from ledger import views

app_name = "ledger"

urlpatterns = [path("admin/closing/", views.ClosingView.as_view(), name="closing")]
