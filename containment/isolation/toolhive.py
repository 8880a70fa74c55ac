"""ToolHive: a permission profile. The format has no comments: its name says what it was made of."""

import json

from containment.isolation.isolated import Isolated
from riskregister import unseen


def make(of: Isolated) -> str:
    """Return the permission profile of a server."""
    outbound = {
        "insecure_allow_all": False,
        "allow_host": sorted({one.name for one in of.hosts}),
        "allow_port": list(of.ports),
    }
    profile = {
        "name": " ".join(filter(None, (of.key, of.approval, unseen.in_one_line(of.release), of.digest))),
        "read": list(of.read_only),
        "write": [],
        "network": {"outbound": outbound},
        "privileged": False,
    }
    return json.dumps(profile, indent=2) + "\n"
