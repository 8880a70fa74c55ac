"""Addresses of requests for servers."""

from django.urls import URLPattern, path

from web.servers import intake

urlpatterns: list[URLPattern] = [
    path("requests/", intake.index, name="request-list"),
    path("requests/ask/", intake.ask, name="request-ask"),
    path("requests/<uuid:pk>/", intake.detail, name="request-detail"),
    path("requests/<uuid:pk>/take-up/", intake.take_up, name="request-take-up"),
    path("requests/<uuid:pk>/register/", intake.register, name="request-register"),
    path("requests/<uuid:pk>/link/", intake.link, name="request-link"),
    path("requests/<uuid:pk>/decline/", intake.decline, name="request-decline"),
    path("requests/<uuid:pk>/withdraw/", intake.withdraw, name="request-withdraw"),
]
