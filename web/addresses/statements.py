"""Addresses of statements on vulnerabilities, and of what is suppressed because of them."""

from django.urls import URLPattern, path

from web.supply_chain import statements, vex

urlpatterns: list[URLPattern] = [
    path("statements/", statements.index, name="statement-list"),
    path("statements/take/", statements.take, name="statement-take"),
    path("statements/<uuid:pk>/", statements.detail, name="statement-detail"),
    path("statements/<uuid:pk>/document/", statements.document, name="statement-document"),
    path("statements/<uuid:pk>/withdraw/", statements.withdraw, name="statement-withdraw"),
    path("suppressions/<uuid:pk>/accept/", statements.accept, name="suppression-accept"),
    path("suppressions/<uuid:pk>/end/", statements.end, name="suppression-end"),
    path("hits/<uuid:pk>/state/", statements.state, name="hit-state"),
    path("servers/<uuid:pk>/vex/<slug:form>/", vex.download, name="server-vex"),
]
