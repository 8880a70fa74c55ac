"""Addresses of reports."""

from django.urls import URLPattern, path

from web.proof import reports

urlpatterns: list[URLPattern] = [
    path("reports/", reports.index, name="report-list"),
    path("reports/new/", reports.choose, name="report-choose"),
    path("reports/new/register/", reports.ask_for_register, name="report-request-register"),
    path("assessments/<uuid:pk>/report/", reports.ask_for_assessment, name="report-request-assessment"),
    path("reports/<uuid:pk>/", reports.detail, name="report-detail"),
    path("reports/<uuid:pk>/parts/<int:position>/", reports.part, name="report-part"),
    path("reports/<uuid:pk>/withdraw/", reports.withdraw, name="report-withdraw"),
    path("reports/<uuid:pk>/retry/", reports.retry, name="report-retry"),
]
