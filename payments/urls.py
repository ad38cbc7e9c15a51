"""Routes of payments: the platforms' callbacks, the API, and the pages of the desk."""

from django.urls import path

from payments import views

app_name = "payments"

urlpatterns = [
    path("payments/notices/<slug:gateway>/<slug:slug>/", views.take_notice, name="notice"),
]
