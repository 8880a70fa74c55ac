"""Docker Compose: a network without a way out, and a proxy that stands in both."""

from typing import Any

from containment.isolation import squid
from containment.isolation.isolated import PROXY_PORT, Isolated
from containment.isolation.written import without_empty, written

_INSIDE, _OUTSIDE, _PROXY = "inside", "outside", "egress"
# Which proxy is run is for whoever runs it to pin.
_PROXY_IMAGE = "${EGRESS_PROXY_IMAGE:?Name the image of Squid by its digest}"


def make(of: Isolated) -> str:
    """Return the services of a server and, where it may connect to anything, of its proxy."""
    services, networks = {of.key: _server(of)}, {_INSIDE: {"internal": True}}
    configs: dict[str, Any] = {}
    if of.hosts:
        services[_PROXY] = _proxy()
        networks[_OUTSIDE] = {"internal": False}
        configs["squid"] = {"content": _plain(squid.make(of))}
    volumes = {f"read-{number}": {"external": True, "name": f"{of.key}-{number}"} for number in _numbers(of)}
    document = {"name": of.key, "services": services, "networks": networks, "configs": configs, "volumes": volumes}
    return written(of.head, without_empty(document))


def _numbers(of: Isolated) -> range:
    return range(1, len(of.read_only) + 1)


def _server(of: Isolated) -> dict[str, Any]:
    labels = {**of.labels, **of.notes}
    mounts = [
        {"type": "volume", "source": f"read-{number}", "target": path, "read_only": True}
        for number, path in zip(_numbers(of), of.read_only, strict=True)
    ]
    return without_empty(
        {
            "image": of.image,
            "labels": {name: _plain(value) for name, value in labels.items()},
            "networks": [_INSIDE],
            "user": f"{of.user}:{of.user}",
            "read_only": True,
            "cap_drop": ["ALL"],
            "security_opt": ["no-new-privileges:true"],
            "pids_limit": of.processes,
            "mem_limit": f"{of.memory_mb}m",
            "cpus": of.cpu_millis / 1000,
            "tmpfs": ["/tmp:size=64m,noexec,nosuid,nodev"],  # noqa: S108 - of the container, and its own
            "expose": [str(of.port)],
            "environment": {"HTTPS_PROXY": f"http://{_PROXY}:{PROXY_PORT}"} if of.hosts else {},
            "volumes": mounts,
        }
    )


def _proxy() -> dict[str, Any]:
    return {
        "image": _PROXY_IMAGE,
        "networks": [_INSIDE, _OUTSIDE],
        "configs": [{"source": "squid", "target": "/etc/squid/squid.conf"}],
    }


def _plain(text: str) -> str:
    """Return a text that Compose takes as it is: it would fill in what stands behind a dollar."""
    return text.replace("$", "$$")
