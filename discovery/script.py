"""The stand-alone script for fleets: the modules of `discovery/fleet` in one file, so that nothing is written twice."""

import ast
from functools import cache

from riskregister.env import BASE_DIR

NAME = "discover_mcp.py"
# From the bottom up, as they import each other.
MODULES = (
    "vendors/credential_forms.py",
    "vendors/naming/pinning.py",
    "vendors/toml_keys.py",
    *(
        f"discovery/fleet/{name}.py"
        for name in (
            *("identities", "launchers", "commands", "toml_tables", "documents"),
            *("shapes", "reading", "places", "telling"),
        )
    ),
)
_FUTURE = "from __future__ import annotations"
_HEAD = '''#!/usr/bin/env python3
"""Finds the MCP servers that clients on this machine are configured with. Python 3.8 or newer, nothing else.

    python3 discover_mcp.py                     prints what it would send, and sends nothing
    python3 discover_mcp.py --send https://…    sends it; RISKREGISTER_TOKEN holds a token with the scope discover

Values of variables and headers, and of arguments, never leave this machine.
"""
'''
_TAIL = '\n\nif __name__ == "__main__":\n    sys.exit(main(sys.argv[1:]))\n'


@cache
def text() -> str:
    """Return the script."""
    sources = [(BASE_DIR / name).read_text(encoding="utf-8") for name in MODULES]
    imports = sorted({line for source in sources for line in _imports(source)})
    bodies = [_body(source) for source in sources]
    return "\n\n".join([_HEAD, _FUTURE, "\n".join(imports), *bodies]) + _TAIL


def _imports(source: str) -> list[str]:
    """Return the imports of the standard library at the top of a module."""
    nodes = [node for node in ast.parse(source).body if isinstance(node, ast.Import | ast.ImportFrom)]
    return [ast.unparse(node) for node in nodes if not _is_own(node)]


def _body(source: str) -> str:
    """Return a module without its docstring and imports; comments stay where they are."""
    lines = source.splitlines()
    tree = ast.parse(source).body
    dropped = {
        number
        for node in (tree[0], *(one for one in tree if isinstance(one, ast.Import | ast.ImportFrom)))
        for number in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    kept = [line for number, line in enumerate(lines, start=1) if number not in dropped]
    return "\n".join(kept).strip("\n")


def _is_own(node: ast.Import | ast.ImportFrom) -> bool:
    module = node.module if isinstance(node, ast.ImportFrom) else ""
    return module == "__future__" or (module or "").partition(".")[0] in ("discovery", "vendors")
