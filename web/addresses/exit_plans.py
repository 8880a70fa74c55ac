"""Addresses of exit plans."""

from django.urls import URLPattern, path

from web.landscape import exit_plans

urlpatterns: list[URLPattern] = [
    path("exit-plans/", exit_plans.index, name="exit-plan-list"),
    path("exit-plans/<uuid:pk>/", exit_plans.detail, name="exit-plan-detail"),
    path("exit-plans/<uuid:pk>/rewrite/", exit_plans.rewrite, name="exit-plan-rewrite"),
    path("exit-plans/<uuid:pk>/worked/", exit_plans.worked, name="exit-plan-worked"),
    path("exit-plans/<uuid:pk>/failed/", exit_plans.failed, name="exit-plan-failed"),
    path("servers/<uuid:pk>/exit-plan/", exit_plans.write, name="exit-plan-write"),
]
