"""Addresses of evidence."""

from django.urls import URLPattern, path

from web.proof import evidence, evidence_list

urlpatterns: list[URLPattern] = [
    path("evidence/", evidence_list.index, name="evidence-list"),
    path("evidence/add/", evidence_list.add, name="evidence-add"),
    path("evidence/<uuid:pk>/", evidence.detail, name="evidence-detail"),
    path("evidence/<uuid:pk>/file/", evidence.download, name="evidence-file"),
    path("evidence/<uuid:pk>/copy/", evidence.download_copy, name="evidence-copy"),
    path("evidence/<uuid:pk>/keep-copy/", evidence.keep_copy, name="evidence-keep-copy"),
]
