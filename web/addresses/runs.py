"""Addresses of the looks at servers."""

from django.urls import URLPattern, path

from web.observations import runs, seen

urlpatterns: list[URLPattern] = [
    path("runs/", runs.index, name="run-list"),
    path("runs/<uuid:pk>/", runs.detail, name="run-detail"),
    path("runs/<uuid:pk>/answers.json", runs.answers, name="run-answers"),
    path("servers/<uuid:pk>/inspect/", runs.inspect, name="server-inspect"),
    path("servers/<uuid:pk>/seen/", seen.index, name="server-seen"),
    path("servers/<uuid:pk>/collect/", seen.collect, name="server-collect"),
]
