"""Addresses of policies, of what was denied, and of where approvals are obeyed."""

from django.urls import URLPattern, path

from web import enforcement, policies

urlpatterns: list[URLPattern] = [
    path("policies/", policies.index, name="policy-list"),
    path("policies/add/", policies.write, name="policy-write"),
    path("policies/doors/", enforcement.doors, name="enforcement"),
    path("policies/<uuid:pk>/", policies.detail, name="policy-detail"),
    path("policies/<uuid:pk>/enforce/", policies.enforce, name="policy-enforce"),
    path("policies/<uuid:pk>/observe/", policies.observe, name="policy-observe"),
    path("policies/<uuid:pk>/retire/", policies.retire, name="policy-retire"),
    path("denials/", policies.denials, name="denial-list"),
]
