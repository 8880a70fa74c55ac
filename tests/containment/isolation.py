"""What is said of the isolation of a server, where a test says nothing else."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

DIGEST = "sha256:" + "ab" * 32
ISOLATION: Mapping[str, Any] = MappingProxyType(
    {
        "egress_hosts": ["api.example.com", "files.example.com:8443"],
        "read_only_paths": ["/data/read"],
        "tools": [],
        "image": f"ghcr.io/example/weather:1.2.3@{DIGEST}",
        "port": 8080,
        "path": "/mcp",
        "run_as_user": 65532,
        "memory_mb": 256,
        "cpu_millis": 500,
        "processes": 128,
    }
)
