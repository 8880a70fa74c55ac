"""The facts about a vendor that decide which questions it is asked: what it supplies."""

from vendors.models import Kind, Vendor

_FACTS = {
    "publishes_servers": {Kind.MCP_PUBLISHER},
    "supplies_models": {Kind.MODEL_PROVIDER},
    "supplies_data": {Kind.DATA_SOURCE},
    "supplies_infrastructure": {Kind.HOST, Kind.CLOUD},
    "supplies_people": {Kind.CONSULTANT},
}


def gather(vendor: Vendor) -> dict[str, bool | None]:
    """Return the facts of `applicability.FACTS` about a vendor; unknown while nobody said what it supplies."""
    kinds = set(vendor.kinds.values_list("kind", flat=True))
    return {name: bool(kinds & ours) if kinds else None for name, ours in _FACTS.items()}
