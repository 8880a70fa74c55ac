"""Where an alert leads: an address that the web door resolves to the object's page."""

from django.conf import settings
from django.urls import reverse

from alerts.models import Alert, Telling


def path(alert: Alert | Telling) -> str:
    """Return the path of the object that waits, e.g. "/go/finding/0190…"."""
    return reverse("web:go", args=[alert.object_type.rpartition(".")[2], alert.object_id])


def inbox() -> str:
    """Return the full address of the inbox, for mail."""
    return f"{settings.ORIGIN}{reverse('web:inbox')}"


def absolute(alert: Alert | Telling) -> str:
    """Return the same as a full address, for whoever is told outside the register."""
    return f"{settings.ORIGIN}{path(alert)}"
