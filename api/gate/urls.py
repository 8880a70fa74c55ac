"""Addresses of the doors for gateways and clients."""

from django.urls import path

from api.gate import authzen, canary, client_files, hooks, isolation, pipelines, registry

app_name = "gate"
_FEED = "v0.1/servers"

urlpatterns = [
    path(".well-known/authzen-configuration", authzen.configuration, name="authzen-configuration"),
    path("access/v1/evaluation", authzen.Evaluation.as_view(), name="evaluation"),
    path("access/v1/evaluations", authzen.Evaluations.as_view(), name="evaluations"),
    path("toolhive/decision", hooks.ToolHiveDecision.as_view(), name="toolhive-decision"),
    path("toolhive/webhook", hooks.ToolHiveWebhook.as_view(), name="toolhive-webhook"),
    path("obot/webhook/<path:server>", hooks.ObotWebhook.as_view(), name="obot-webhook"),
    path("claude-code/hook", hooks.ClaudeCodeHook.as_view(), name="claude-code-hook"),
    path("ext-authz/<path:server>/mcp", hooks.ExternalAuthorization.as_view(), name="ext-authz"),
    path("clients/<slug:name>.json", client_files.ClientFile.as_view(), name="client-file"),
    path("pipelines/ask_register.py", pipelines.Script.as_view(), name="pipeline-script"),
    path("pipelines/servers/<uuid:pk>/<slug:host>.yml", pipelines.Snippet.as_view(), name="pipeline-snippet"),
    path("isolation/S-<int:number>/<slug:artefact>", isolation.Artefact.as_view(), name="isolation-artefact"),
    path("canary/mcp", canary.Canary.as_view(), name="canary"),
    # The name holds a slash, which servers hand over decoded: the longer addresses come first.
    *(
        pattern
        for before, of in (("registry/", "registry"), ("registry/units/<slug:unit>/", "unit-registry"))
        for pattern in (
            path(
                f"{before}{_FEED}/<path:name>/versions/<str:version>", registry.Version.as_view(), name=f"{of}-version"
            ),
            path(f"{before}{_FEED}/<path:name>/versions", registry.Versions.as_view(), name=f"{of}-versions"),
            path(f"{before}{_FEED}", registry.Servers.as_view(), name=of),
        )
    ),
]
