"""Addresses of vendors."""

from django.urls import URLPattern, path

from web.assessments import vendor_assessments
from web.vendors import vendor_edit, vendors

urlpatterns: list[URLPattern] = [
    path("vendors/", vendors.index, name="vendor-list"),
    path("vendors/register/", vendor_edit.register, name="vendor-register"),
    path("vendors/<uuid:pk>/", vendors.overview, name="vendor-detail"),
    path("vendors/<uuid:pk>/servers/", vendors.servers, name="vendor-servers"),
    path("vendors/<uuid:pk>/assessments/", vendor_assessments.index, name="vendor-assessments"),
    path("vendors/<uuid:pk>/assess/", vendor_assessments.start, name="vendor-assess"),
    path("vendors/<uuid:pk>/findings/", vendors.findings, name="vendor-findings"),
    path("vendors/<uuid:pk>/evidence/", vendors.evidence, name="vendor-evidence"),
    path("vendors/<uuid:pk>/history/", vendors.happened, name="vendor-history"),
    path("vendors/<uuid:pk>/edit/", vendor_edit.edit, name="vendor-edit"),
    path("vendors/<uuid:pk>/status/<str:to>/", vendor_edit.move, name="vendor-move"),
    path("vendors/<uuid:pk>/contacts/add/", vendor_edit.add_contact, name="contact-add"),
    path("contacts/<uuid:pk>/remove/", vendor_edit.remove_contact, name="contact-remove"),
    path("vendors/<uuid:pk>/sub-processors/add/", vendor_edit.add_sub_processor, name="sub-processor-add"),
    path("sub-processors/<uuid:pk>/remove/", vendor_edit.remove_sub_processor, name="sub-processor-remove"),
]
