"""Addresses of servers, their releases, deployments, approvals and overrides."""

from django.urls import URLPattern, path

from web.releases import release_documents, releases, scanner_results
from web.servers import approvals, deployments, overrides, server_edit, server_steps, servers

urlpatterns: list[URLPattern] = [
    path("servers/", servers.index, name="server-list"),
    path("servers/register/", server_edit.import_document, name="server-register"),
    path("servers/register/by-hand/", server_edit.register, name="server-register-by-hand"),
    path("servers/<uuid:pk>/", servers.overview, name="server-detail"),
    path("servers/<uuid:pk>/tools/", releases.tools, name="server-tools"),
    path("servers/<uuid:pk>/releases/", releases.index, name="server-releases"),
    path("servers/<uuid:pk>/deployments/", deployments.index, name="server-deployments"),
    path("servers/<uuid:pk>/assessments/", servers.assessments, name="server-assessments"),
    path("servers/<uuid:pk>/findings/", servers.findings, name="server-findings"),
    path("servers/<uuid:pk>/reviews/", servers.reviews, name="server-reviews"),
    path("servers/<uuid:pk>/evidence/", servers.evidence, name="server-evidence"),
    path("servers/<uuid:pk>/history/", servers.happened, name="server-history"),
    path("servers/<uuid:pk>/edit/", server_edit.edit, name="server-edit"),
    path("servers/<uuid:pk>/exposure/", server_edit.exposure, name="server-exposure"),
    path("servers/<uuid:pk>/suppliers/add/", server_edit.add_supplier, name="server-supplier-add"),
    path("suppliers/<int:pk>/remove/", server_edit.remove_supplier, name="server-supplier-remove"),
    path("servers/<uuid:pk>/suspend/", server_steps.suspend, name="server-suspend"),
    path("servers/<uuid:pk>/resume/", server_steps.resume, name="server-resume"),
    path("servers/<uuid:pk>/retire/", server_steps.retire, name="server-retire"),
    path("servers/<uuid:pk>/request-again/", server_steps.request_again, name="server-request-again"),
    path("servers/<uuid:pk>/scans/import/", scanner_results.import_scan, name="scan-import"),
    path("servers/<uuid:pk>/releases/import/", releases.import_document, name="release-import"),
    path("servers/<uuid:pk>/releases/add/", releases.add, name="release-add"),
    path("releases/<uuid:pk>/tools/import/", releases.import_tools, name="release-tools-import"),
    path("releases/<uuid:pk>/server.json", release_documents.server_json, name="release-server-json"),
    path("releases/<uuid:pk>/manifest.json", release_documents.manifest, name="release-manifest"),
    path("packages/<uuid:pk>/digest/", releases.record_digest, name="package-digest"),
    path("servers/<uuid:pk>/deployments/add/", deployments.add, name="deployment-add"),
    path("deployments/<uuid:pk>/edit/", deployments.edit, name="deployment-edit"),
    path("deployments/<uuid:pk>/end/", deployments.end, name="deployment-end"),
    path("approvals/<uuid:pk>/withdraw/", approvals.withdraw, name="approval-withdraw"),
    path("conditions/<uuid:pk>/met/", approvals.meet, name="condition-meet"),
    path("servers/<uuid:pk>/override/", overrides.request_override, name="override-request"),
    path("overrides/<uuid:pk>/decide/", overrides.decide, name="override-decide"),
    path("overrides/<uuid:pk>/revoke/", overrides.revoke, name="override-revoke"),
]
