"""Addresses of home, dashboard, inbox, search, help and health."""

from django.urls import URLPattern, path

from web.home import dashboard, guide, health, home, inbox, search
from web.page_parts import object_pages

urlpatterns: list[URLPattern] = [
    path("", home.home, name="home"),
    path("dashboard/", dashboard.dashboard, name="dashboard"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/read-all/", inbox.mark_all_read, name="inbox-read-all"),
    path("inbox/<uuid:pk>/open/", inbox.open_alert, name="inbox-open"),
    path("inbox/<uuid:pk>/read/", inbox.mark_read, name="inbox-read"),
    path("go/<slug:kind>/<uuid:pk>", object_pages.lead, name="go"),
    path("search/", search.search, name="search"),
    path("help/", guide.guide, name="help"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
