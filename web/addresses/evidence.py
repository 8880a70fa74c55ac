"""Addresses of evidence."""

from django.urls import URLPattern, path

from web import evidence, evidence_list

urlpatterns: list[URLPattern] = [
    path("evidence/", evidence_list.index, name="evidence-list"),
    path("evidence/add/", evidence_list.add, name="evidence-add"),
    path("evidence/<uuid:pk>/", evidence.detail, name="evidence-detail"),
    path("evidence/<uuid:pk>/file/", evidence.download, name="evidence-file"),
    path("evidence/<uuid:pk>/verify/", evidence.verify, name="evidence-verify"),
]
