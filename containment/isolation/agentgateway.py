"""agentgateway: one target, and the tools that may be called there."""

from containment.isolation.isolated import Isolated
from containment.isolation.written import written

_PORT = 3000
# Without a rule the gateway lets every tool be called.
_NOTHING = "false"


def make(of: Isolated) -> str:
    """Return the configuration of a gateway in front of a server."""
    # Names of tools have a form of their own, in which nothing can end the text that they stand in.
    rules = [f'mcp.tool.name == "{tool}"' for tool in of.tools] or [_NOTHING]
    where = of.address or f"http://{of.key}.{of.key}:{of.port}{of.path}"
    return written(
        of.head,
        {
            "mcp": {
                "port": _PORT,
                "policies": {"mcpAuthorization": {"rules": rules}},
                "targets": [{"name": of.key, "mcp": {"host": where}}],
            }
        },
    )
