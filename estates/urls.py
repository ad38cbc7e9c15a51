"""Routes of the register's own staff pages; its lists are in the admin."""

from django.urls import path

from estates import views

app_name = "estates"

urlpatterns = [
    path("admin/register/roster/", views.RosterUploadView.as_view(), name="roster_upload"),
    path("admin/register/roster/<slug:key>/", views.RosterPreviewView.as_view(), name="roster_preview"),
    path("admin/register/rosters/<int:pk>/", views.RosterResultView.as_view(), name="roster_result"),
    path("admin/register/rosters/<int:pk>/to-mend/", views.download_rows_to_mend, name="roster_to_mend"),
    path("admin/register/readings/", views.ReadingsUploadView.as_view(), name="readings_upload"),
    path("admin/register/people/<int:pk>/contact/", views.PersonContactView.as_view(), name="person_contact"),
]
