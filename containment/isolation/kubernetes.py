"""Kubernetes: a policy for the network, and a pod that has no right that it does not need."""

from typing import Any

from containment.isolation.isolated import EGRESS, GATEWAY, PREFIX, PROXY_PORT, Isolated
from containment.isolation.written import without_empty, written

_DNS = {
    "to": [
        {
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
            "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
        }
    ],
    "ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}],
}
_TMP = "tmp"


def make(of: Isolated) -> str:
    """Return network policy, deployment and service of a server."""
    return written(of.head, network_policy(of), deployment(of), _service(of))


def network_policy(of: Isolated) -> dict[str, Any]:
    """Return the policy: in from the gateway alone, out to the proxy alone, which knows the hosts by name."""
    egress = [_DNS, _beside(EGRESS, "to", PROXY_PORT)] if of.hosts else []
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": metadata(of),
        "spec": {
            "podSelector": {"matchLabels": {"app": of.key}},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [_beside(GATEWAY, "from", of.port)],
            "egress": egress,
        },
    }


def deployment(of: Isolated) -> dict[str, Any]:
    """Return the deployment of its image, by digest."""
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata(of),
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": {"app": of.key}},
            "template": {"metadata": {"labels": dict(of.labels), "annotations": dict(of.notes)}, "spec": _pod(of)},
        },
    }


def metadata(of: Isolated) -> dict[str, Any]:
    """Return name, labels and notes; the limit of processes is the node's, so that it is a note."""
    notes = {**of.notes, f"{PREFIX}/processes": str(of.processes)}
    return {"name": of.key, "namespace": of.key, "labels": dict(of.labels), "annotations": notes}


def _pod(of: Isolated) -> dict[str, Any]:
    claims = [
        {"name": f"read-{number}", "persistentVolumeClaim": {"claimName": f"{of.key}-{number}", "readOnly": True}}
        for number, _path in enumerate(of.read_only, 1)
    ]
    return {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": of.user,
            "runAsGroup": of.user,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [_container(of)],
        "volumes": [{"name": _TMP, "emptyDir": {"sizeLimit": "64Mi"}}, *claims],
    }


def _container(of: Isolated) -> dict[str, Any]:
    mounts = [
        {"name": f"read-{number}", "mountPath": path, "readOnly": True} for number, path in enumerate(of.read_only, 1)
    ]
    proxy = f"http://egress-proxy.{EGRESS}:{PROXY_PORT}"
    limits = {"memory": f"{of.memory_mb}Mi", "cpu": f"{of.cpu_millis}m", "ephemeral-storage": "128Mi"}
    return without_empty(
        {
            "name": "server",
            "image": of.image,
            "ports": [{"name": "mcp", "containerPort": of.port}],
            "env": [{"name": "HTTPS_PROXY", "value": proxy}] if of.hosts else [],
            "resources": {"requests": dict(limits), "limits": dict(limits)},
            "securityContext": {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            },
            "volumeMounts": [{"name": _TMP, "mountPath": "/tmp"}, *mounts],  # noqa: S108 - of the pod, and its own
        }
    )


def _service(of: Isolated) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata(of),
        "spec": {
            "selector": {"app": of.key},
            "ports": [{"name": "mcp", "port": of.port, "targetPort": "mcp", "protocol": "TCP"}],
        },
    }


def _beside(namespace: str, way: str, port: int) -> dict[str, Any]:
    """Return the rule for the pods of the gateway or the proxy, which stand in a namespace of their name."""
    app = "egress-proxy" if namespace == EGRESS else namespace
    peer = {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
        "podSelector": {"matchLabels": {"app": app}},
    }
    return {way: [peer], "ports": [{"protocol": "TCP", "port": port}]}
