"""Routes of the register's own staff pages; its lists are in the admin."""

from django.urls import path

from estates.views import checks, meters, readings, register, register_meters, rounds

app_name = "estates"

urlpatterns = [
    path("round/", rounds.RoundsView.as_view(), name="rounds"),
    path("round/<int:building>/", rounds.RoundView.as_view(), name="round"),
    path("round/meters/<int:pk>/", rounds.StopView.as_view(), name="round_meter"),
    path("round/meters/<int:pk>/check/", rounds.check_value, name="round_check"),
    path("admin/meters/", meters.TreeView.as_view(), name="meters"),
    path("admin/meters/template/<slug:code>/", meters.download_template, name="readings_template"),
    path("admin/meters/import/", register_meters.MetersUploadView.as_view(), name="meters_upload"),
    path(
        "admin/meters/import/<slug:key>/", register_meters.MetersPreviewView.as_view(), name="meters_preview"
    ),
    path("admin/meters/sheet/<slug:code>/", register_meters.download_sheet, name="meters_sheet"),
    path("admin/meters/<int:pk>/", meters.MeterView.as_view(), name="meter"),
    path("admin/meters/photos/<int:pk>/", meters.show_photo, name="reading_photo"),
    path("admin/meters/checks/", checks.ChecksView.as_view(), name="checks"),
    path("admin/meters/checks/<int:pk>/", checks.CheckView.as_view(), name="check"),
    path("admin/register/roster/", register.RosterUploadView.as_view(), name="roster_upload"),
    path("admin/register/roster/<slug:key>/", register.RosterPreviewView.as_view(), name="roster_preview"),
    path("admin/register/rosters/<int:pk>/", register.RosterResultView.as_view(), name="roster_result"),
    path("admin/register/rosters/<int:pk>/to-mend/", register.download_rows_to_mend, name="roster_to_mend"),
    path("admin/register/readings/", readings.ReadingsUploadView.as_view(), name="readings_upload"),
    path(
        "admin/register/readings/<slug:key>/", readings.ReadingsPreviewView.as_view(), name="readings_preview"
    ),
    path(
        "admin/register/people/<int:pk>/contact/", register.PersonContactView.as_view(), name="person_contact"
    ),
]
