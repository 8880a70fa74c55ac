"""Addresses of feeds, their runs, and what could not be read."""

from django.urls import URLPattern, path

from web.observations import feeds

urlpatterns: list[URLPattern] = [
    path("feeds/", feeds.index, name="feed-list"),
    path("feeds/add/", feeds.add, name="feed-add"),
    path("feed-runs/", feeds.runs, name="feed-run-list"),
    path("quarantined-records/", feeds.quarantine, name="quarantined-list"),
    path("feeds/<uuid:pk>/", feeds.detail, name="feed-detail"),
    path("feeds/<uuid:pk>/change/", feeds.change, name="feed-change"),
    path("feeds/<uuid:pk>/run/", feeds.run_now, name="feed-run"),
    path("feeds/<uuid:pk>/upload/", feeds.upload, name="feed-upload"),
    path("feeds/<uuid:pk>/switch-off/", feeds.switch_off, name="feed-switch-off"),
    path("feeds/<uuid:pk>/switch-on/", feeds.switch_on, name="feed-switch-on"),
    path("feed-runs/<uuid:pk>/let-through/", feeds.let_through, name="feed-run-let-through"),
]
