"""Addresses of contracts and of the law."""

from django.urls import URLPattern, path

from web.contracts import contract_clauses, contracts, law, register_of_information

urlpatterns: list[URLPattern] = [
    path("contracts/", contracts.index, name="contract-list"),
    path("contracts/<uuid:pk>/", contracts.detail, name="contract-detail"),
    path("contracts/<uuid:pk>/edit/", contracts.edit, name="contract-edit"),
    path("contracts/<uuid:pk>/clauses/", contract_clauses.record, name="contract-clauses"),
    path("contracts/<uuid:pk>/send/", contracts.send, name="contract-send"),
    path("contracts/<uuid:pk>/return/", contracts.give_back, name="contract-return"),
    path("contracts/<uuid:pk>/sign/", contracts.sign, name="contract-sign"),
    path("contracts/<uuid:pk>/review/", contracts.review, name="contract-review"),
    path("contracts/<uuid:pk>/reviewed/", contracts.reviewed, name="contract-reviewed"),
    path("contracts/<uuid:pk>/end/", contracts.end, name="contract-end"),
    path("contracts/<uuid:pk>/keep/", contracts.keep, name="contract-keep"),
    path("contracts/<uuid:pk>/notice/", contracts.notice, name="contract-notice"),
    path("contracts/<uuid:pk>/covers/add/", contracts.cover, name="contract-cover"),
    path("contract-services/<uuid:pk>/remove/", contracts.uncover, name="contract-uncover"),
    path("vendors/<uuid:pk>/contracts/", contracts.of_vendor, name="vendor-contracts"),
    path("vendors/<uuid:pk>/contracts/draft/", contracts.draft, name="contract-draft"),
    path("law/", law.index, name="law"),
    path("register-of-information/", register_of_information.index, name="register-of-information"),
    path("register-of-information/archive/", register_of_information.archive, name="register-of-information-archive"),
    path("units/<uuid:pk>/law/", law.profile, name="legal-profile"),
]
