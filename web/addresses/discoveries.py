"""Addresses of what is in use, of reports of machines, and of what nobody approved."""

from django.urls import URLPattern, path

from discovery.script import NAME
from web.observations import discoveries, unapproved_uses

urlpatterns: list[URLPattern] = [
    path("configured-servers/", discoveries.fleet, name="configured-server-list"),
    path("configured-servers/<uuid:pk>/", discoveries.configured, name="configured-server-detail"),
    path("discoveries/", discoveries.reports, name="discovery-list"),
    path("discoveries/add/", discoveries.add, name="discovery-add"),
    path(f"discoveries/{NAME}", discoveries.download, name="discovery-script"),
    path("discoveries/<uuid:pk>/", discoveries.report, name="discovery-detail"),
    path("unapproved-uses/", unapproved_uses.index, name="unapproved-use-list"),
    path("unapproved-uses/<uuid:pk>/", unapproved_uses.detail, name="unapproved-use-detail"),
    path("unapproved-uses/<uuid:pk>/register/", unapproved_uses.register, name="unapproved-use-register"),
    path("unapproved-uses/<uuid:pk>/link/", unapproved_uses.link, name="unapproved-use-link"),
    path("unapproved-uses/<uuid:pk>/deny/", unapproved_uses.deny, name="unapproved-use-deny"),
    path("unapproved-uses/<uuid:pk>/watch/", unapproved_uses.watch, name="unapproved-use-watch"),
]
