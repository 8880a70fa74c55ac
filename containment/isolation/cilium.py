"""Cilium: hosts by name, and tools by the headers that clients send since 2026-07-28."""

from typing import Any

from containment.calls import methods
from containment.isolation.isolated import GATEWAY, Isolated
from containment.isolation.kubernetes import metadata
from containment.isolation.written import written

_NAMESPACE = "k8s:io.kubernetes.pod.namespace"
_NOTICES = ("notifications/cancelled", "notifications/initialized")
_ONLY_NEW = (
    "# A client that sends no Mcp-Method header speaks an older version of the protocol, and is let through nowhere.\n"
)


def make(of: Isolated) -> str:
    """Return the policy of a server."""
    return written(of.head + _ONLY_NEW, policy(of))


def policy(of: Isolated) -> dict[str, Any]:
    """Return it: from the gateway alone, the protocol's methods and the approved tools; out to the hosts by name."""
    return {
        "apiVersion": "cilium.io/v2",
        "kind": "CiliumNetworkPolicy",
        "metadata": metadata(of),
        "spec": {
            "endpointSelector": {"matchLabels": {"app": of.key}},
            "ingress": [_ingress(of)],
            # An empty rule lets nothing out; without a rule everything goes.
            "egress": [_dns(of), *_hosts(of)] if of.hosts else [{}],
        },
    }


def _ingress(of: Isolated) -> dict[str, Any]:
    allowed = [*sorted((methods.KNOWN | methods.HARMLESS) - {methods.CALL}), *_NOTICES]
    rules = [_request(of, f"Mcp-Method: {method}") for method in allowed]
    rules += [_request(of, f"Mcp-Method: {methods.CALL}", f"Mcp-Name: {tool}") for tool in of.tools]
    return {
        "fromEndpoints": [{"matchLabels": {"app": GATEWAY, _NAMESPACE: GATEWAY}}],
        "toPorts": [{"ports": [{"port": str(of.port), "protocol": "TCP"}], "rules": {"http": rules}}],
    }


def _request(of: Isolated, *headers: str) -> dict[str, Any]:
    # Paths are patterns there: a dot stands for itself alone.
    return {"method": "POST", "path": of.path.replace(".", "[.]"), "headers": list(headers)}


def _dns(of: Isolated) -> dict[str, Any]:
    names = sorted({one.name for one in of.hosts})
    return {
        "toEndpoints": [{"matchLabels": {_NAMESPACE: "kube-system", "k8s-app": "kube-dns"}}],
        "toPorts": [
            {
                "ports": [{"port": "53", "protocol": "ANY"}],
                "rules": {"dns": [{"matchName": name} for name in names]},
            }
        ],
    }


def _hosts(of: Isolated) -> list[dict[str, Any]]:
    return [
        {
            "toFQDNs": [{"matchName": name} for name in names],
            "toPorts": [{"ports": [{"port": str(port), "protocol": "TCP"}]}],
        }
        for port, names in of.ports.items()
    ]
