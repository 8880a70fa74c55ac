"""What every page needs beside its own content."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from accounts import access
from accounts.models import Theme
from alerts.models import Alert


def page(request: HttpRequest) -> dict[str, Any]:
    """Return the organisation's name, the version, the person's access, theme and number of unread alerts."""
    user = getattr(request, "user", None)
    shown: dict[str, Any] = {"organisation": settings.ORGANISATION, "version": settings.VERSION, "theme": Theme.SYSTEM}
    if user is None or not user.is_authenticated:
        return shown
    return shown | {
        "access": access.of(user),
        "theme": user.theme,
        "unread_alerts": Alert.objects.visible_to(user).unread().count(),
    }
