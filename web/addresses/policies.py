"""Addresses of policies, of what was denied, and of where approvals are obeyed."""

from django.urls import URLPattern, path

from web.policies import enforcement, enforcement_tests, isolation, policies

urlpatterns: list[URLPattern] = [
    path("policies/", policies.index, name="policy-list"),
    path("policies/add/", policies.write, name="policy-write"),
    path("policies/doors/", enforcement.doors, name="enforcement"),
    path("isolation-profiles/", isolation.index, name="isolation-profile-list"),
    path("servers/<uuid:pk>/isolation/", isolation.detail, name="server-isolation"),
    path("servers/<uuid:pk>/isolation/edit/", isolation.describe, name="server-isolate"),
    path("enforcement-tests/", enforcement_tests.index, name="enforcement-test-list"),
    path("enforcement-tests/add/", enforcement_tests.record, name="enforcement-test-add"),
    path("enforcement-tests/<uuid:pk>/", enforcement_tests.detail, name="enforcement-test-detail"),
    path("policies/<uuid:pk>/", policies.detail, name="policy-detail"),
    path("policies/<uuid:pk>/enforce/", policies.enforce, name="policy-enforce"),
    path("policies/<uuid:pk>/observe/", policies.observe, name="policy-observe"),
    path("policies/<uuid:pk>/retire/", policies.retire, name="policy-retire"),
    path("denials/", policies.denials, name="denial-list"),
]
