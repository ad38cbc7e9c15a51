import pytest
from django.test import Client


@pytest.mark.django_db
def test_show_health_with_both_engines(client: Client) -> None:
    response = client.get("/health/")
    assert response.status_code == 200
    assert response.json() == {"database": True, "jobs": True}
    assert "unsafe" not in response["Content-Security-Policy"]
