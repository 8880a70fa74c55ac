"""Addresses of the risk register, its findings, and the acceptances of risks."""

from django.urls import URLPattern, path

from web.findings import acceptances, findings, giving, remediation

urlpatterns: list[URLPattern] = [
    path("findings/", findings.index, name="finding-list"),
    path("findings/give/", giving.findings, name="findings-give"),
    path("findings/new/", findings.raise_by_hand, name="finding-raise"),
    path("findings/<uuid:pk>/", findings.detail, name="finding-detail"),
    path("findings/<uuid:pk>/confirm/", remediation.confirm, name="finding-confirm"),
    path("findings/<uuid:pk>/assign/", remediation.assign, name="finding-assign"),
    path("findings/<uuid:pk>/severity/", remediation.severity, name="finding-severity"),
    path("findings/<uuid:pk>/due-date/", remediation.due_date, name="finding-due-date"),
    path("findings/<uuid:pk>/plan/", remediation.plan, name="finding-plan"),
    path("findings/<uuid:pk>/milestones/<uuid:milestone>/done/", remediation.complete, name="milestone-done"),
    path("findings/<uuid:pk>/fix/", remediation.fix, name="finding-fix"),
    path("findings/<uuid:pk>/verify/", remediation.verify, name="finding-verify"),
    path("findings/<uuid:pk>/close/", remediation.close, name="finding-close"),
    path("findings/<uuid:pk>/reopen/", remediation.reopen, name="finding-reopen"),
    path("findings/<uuid:pk>/dismiss/", remediation.dismiss, name="finding-dismiss"),
    path("findings/<uuid:pk>/accept/", acceptances.ask_for_finding, name="finding-accept"),
    path("servers/<uuid:pk>/accept/", acceptances.ask_for_server, name="server-accept"),
    path("acceptances/", acceptances.index, name="acceptance-list"),
    path("acceptances/<uuid:pk>/", acceptances.detail, name="acceptance-detail"),
    path("acceptances/<uuid:pk>/decide/", acceptances.decide, name="acceptance-decide"),
    path("acceptances/<uuid:pk>/revoke/", acceptances.revoke, name="acceptance-revoke"),
]
