"""Routes of billing's own staff pages and its API; its lists are in the admin."""

from django.urls import path

from billing import api, api_corrections
from billing.views import bills, corrections, opening, pools, runs, samples, settings, statements, tariffs

app_name = "billing"

urlpatterns = [
    path("admin/runs/", runs.RunsView.as_view(), name="runs"),
    path("admin/runs/start/", runs.StartRunView.as_view(), name="start_run"),
    path("admin/runs/<int:pk>/", runs.RunView.as_view(), name="run"),
    path("admin/runs/<int:pk>/progress/", runs.show_progress, name="run_progress"),
    path("admin/runs/<int:pk>/resume/", runs.resume, name="resume_run"),
    path("admin/runs/<int:pk>/review/", runs.review, name="review_run"),
    path("admin/runs/<int:pk>/issue/", runs.issue, name="issue_run"),
    path("admin/runs/<int:pk>/issue-some/", runs.issue_some, name="issue_some"),
    path("admin/runs/<int:pk>/recall/", runs.recall, name="recall_run"),
    path("admin/runs/<int:pk>/sample/", samples.draw, name="draw_sample"),
    path("admin/runs/samples/<int:pk>/", samples.SampleView.as_view(), name="sample"),
    path("admin/runs/<int:pk>/discard/", runs.discard, name="discard_run"),
    path("admin/runs/<int:pk>/print/<int:building_id>/", runs.print_building, name="print_building"),
    path("admin/bills/<slug:number>/", bills.BillView.as_view(), name="bill"),
    path("admin/bills/<slug:number>/pdf/", bills.show_pdf, name="bill_pdf"),
    path("admin/bills/<slug:number>/correct/", corrections.AskView.as_view(), name="ask_correction"),
    path("admin/corrections/", corrections.RequestsView.as_view(), name="requests"),
    path("admin/corrections/<int:pk>/", corrections.RequestView.as_view(), name="request"),
    path("admin/corrections/<int:pk>/approve/", corrections.approve, name="approve_request"),
    path("admin/corrections/<int:pk>/refuse/", corrections.refuse, name="refuse_request"),
    path("admin/corrections/<int:pk>/withdraw/", corrections.withdraw, name="withdraw_request"),
    path("admin/corrections/<int:pk>/attachment/", corrections.show_attachment, name="request_attachment"),
    path("admin/accounts/<int:pk>/statement/", statements.StatementView.as_view(), name="statement"),
    path("admin/accounts/<int:pk>/statement/pdf/", statements.show_statement_pdf, name="statement_pdf"),
    path("admin/tariffs/import/", tariffs.TariffUploadView.as_view(), name="tariff_upload"),
    path("admin/tariffs/import/<slug:key>/", tariffs.TariffPreviewView.as_view(), name="tariff_preview"),
    path("admin/opening/", opening.OpeningUploadView.as_view(), name="opening_upload"),
    path("admin/opening/preview/<slug:key>/", opening.OpeningPreviewView.as_view(), name="opening_preview"),
    path("admin/opening/<int:pk>/", opening.OpeningImportView.as_view(), name="opening_import"),
    path("admin/pools/", pools.PoolsView.as_view(), name="pools"),
    path("admin/pools/<int:pk>/what-if/", pools.WhatIfView.as_view(), name="what_if"),
    path("admin/pools/<int:pk>/what-if/xlsx/", pools.download_what_if, name="what_if_xlsx"),
    path("admin/pools/<slug:code>/", pools.CommunityPoolsView.as_view(), name="community_pools"),
    path("admin/pools/<slug:code>/pdf/", pools.show_disclosure, name="pools_pdf"),
    path("admin/settings/", settings.SettingsView.as_view(), name="settings"),
    path("admin/settings/<slug:code>/", settings.CommunitySettingsView.as_view(), name="community_settings"),
    path("api/bills/", api.BillsView.as_view(), name="api_bills"),
    path("api/bills/<slug:number>/", api.BillView.as_view(), name="api_bill"),
    path("api/lines/open/", api.OpenLinesView.as_view(), name="api_open_lines"),
    path("api/lines/<int:line>/explanation/", api.ExplanationView.as_view(), name="api_explanation"),
    path("api/corrections/", api_corrections.RequestsView.as_view(), name="api_requests"),
    path("api/corrections/<int:pk>/", api_corrections.RequestView.as_view(), name="api_request"),
    path(
        "api/corrections/<int:pk>/approve/", api_corrections.ApproveView.as_view(), name="api_approve_request"
    ),
    path("api/corrections/<int:pk>/refuse/", api_corrections.RefuseView.as_view(), name="api_refuse_request"),
    path(
        "api/corrections/<int:pk>/withdraw/",
        api_corrections.WithdrawView.as_view(),
        name="api_withdraw_request",
    ),
    path("api/runs/", api.RunsView.as_view(), name="api_runs"),
    path("api/runs/start/", api.StartRunView.as_view(), name="api_start_run"),
    path("api/runs/<int:pk>/", api.RunView.as_view(), name="api_run"),
    path("api/runs/<int:pk>/review/", api.ReviewRunView.as_view(), name="api_review_run"),
    path("api/runs/<int:pk>/issue/", api.IssueRunView.as_view(), name="api_issue_run"),
]
