"""Routes of billing's own staff pages and its API; its lists are in the admin."""

from django.urls import path

from billing.views import bills, runs, tariffs

app_name = "billing"

urlpatterns = [
    path("admin/runs/", runs.RunsView.as_view(), name="runs"),
    path("admin/runs/start/", runs.StartRunView.as_view(), name="start_run"),
    path("admin/runs/<int:pk>/", runs.RunView.as_view(), name="run"),
    path("admin/runs/<int:pk>/progress/", runs.show_progress, name="run_progress"),
    path("admin/runs/<int:pk>/resume/", runs.resume, name="resume_run"),
    path("admin/runs/<int:pk>/review/", runs.review, name="review_run"),
    path("admin/runs/<int:pk>/issue/", runs.issue, name="issue_run"),
    path("admin/runs/<int:pk>/discard/", runs.discard, name="discard_run"),
    path("admin/runs/<int:pk>/print/<int:building_id>/", runs.print_building, name="print_building"),
    path("admin/bills/<slug:number>/", bills.BillView.as_view(), name="bill"),
    path("admin/bills/<slug:number>/pdf/", bills.show_pdf, name="bill_pdf"),
    path("admin/bills/<slug:number>/void/", bills.VoidBillView.as_view(), name="void_bill"),
    path("admin/tariffs/import/", tariffs.TariffUploadView.as_view(), name="tariff_upload"),
    path("admin/tariffs/import/<slug:key>/", tariffs.TariffPreviewView.as_view(), name="tariff_preview"),
]
