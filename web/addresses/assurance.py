"""Addresses of certificates and of due diligence."""

from django.urls import URLPattern, path

from web.vendors import certificates, due_diligence, vendor_assurance

urlpatterns: list[URLPattern] = [
    path("certificates/", certificates.index, name="certificate-list"),
    path("certificates/<uuid:pk>/", certificates.detail, name="certificate-detail"),
    path("certificates/<uuid:pk>/correct/", certificates.correct, name="certificate-correct"),
    path("certificates/<uuid:pk>/judge/", certificates.judge, name="certificate-judge"),
    path("certificates/<uuid:pk>/suspend/", certificates.suspend, name="certificate-suspend"),
    path("certificates/<uuid:pk>/resume/", certificates.resume, name="certificate-resume"),
    path("certificates/<uuid:pk>/withdraw/", certificates.withdraw, name="certificate-withdraw"),
    path("vendors/<uuid:pk>/assurance/", vendor_assurance.shown, name="vendor-assurance"),
    path("vendors/<uuid:pk>/certificates/<str:certificate_kind>/", certificates.record, name="certificate-record"),
    path("vendors/<uuid:pk>/due-diligence/", due_diligence.start, name="due-diligence-start"),
    path("due-diligence/", due_diligence.index, name="due-diligence-list"),
    path("due-diligence/<uuid:pk>/", due_diligence.detail, name="due-diligence-detail"),
    path("due-diligence/<uuid:pk>/complete/", due_diligence.complete, name="due-diligence-complete"),
    path("due-diligence/<uuid:pk>/cancel/", due_diligence.cancel, name="due-diligence-cancel"),
    path("due-diligence-items/<uuid:pk>/record/", due_diligence.record, name="due-diligence-item-record"),
    path("due-diligence-items/<uuid:pk>/waive/", due_diligence.waive, name="due-diligence-item-waive"),
]
