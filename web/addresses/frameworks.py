"""Addresses of frameworks, and of what is stated of their controls."""

from django.urls import URLPattern, path

from web.controls import frameworks, section_statuses, server_controls

urlpatterns: list[URLPattern] = [
    path("frameworks/", frameworks.index, name="framework-list"),
    path("frameworks/import/", frameworks.take, name="framework-import"),
    path("frameworks/<uuid:pk>/", frameworks.detail, name="framework-detail"),
    path("frameworks/<uuid:pk>/state/", section_statuses.of_organisation, name="framework-state"),
    path("frameworks/<uuid:pk>/add/", frameworks.add_control, name="framework-add-control"),
    path("frameworks/<uuid:pk>/<int:control>/change/", frameworks.change_control, name="framework-change-control"),
    path(
        "frameworks/<uuid:pk>/<int:control>/withdraw/", frameworks.withdraw_control, name="framework-withdraw-control"
    ),
    path("servers/<uuid:pk>/controls/", server_controls.index, name="server-controls"),
    path(
        "shared-services/<uuid:pk>/controls/state/",
        section_statuses.of_service,
        name="shared-service-state-controls",
    ),
    path("servers/<uuid:pk>/controls/state/", section_statuses.of_server, name="server-state-controls"),
]
