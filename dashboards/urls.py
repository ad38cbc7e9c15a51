"""Routes of the overview; the home page of the staff pages shows the same."""

from django.urls import path

from dashboards import views

app_name = "dashboards"

urlpatterns = [
    path("admin/overview/", views.OverviewView.as_view(), name="overview"),
    path("admin/overview/how/<slug:figure>/", views.HowView.as_view(), name="how"),
    path("admin/overview/export/", views.export_overview, name="export"),
]
