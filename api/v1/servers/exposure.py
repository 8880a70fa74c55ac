"""The exposure facts in a body, for servers and deployments alike."""

from api.fields import Body, Choice
from vendors.models import Fact


class Exposure(Body):
    """Exposure facts; an empty one is not known."""

    data_reached, tool_power, credentials, autonomy, operator, egress, dependents, business_criticality = (
        Choice(choices=Fact.choices, required=False, allow_blank=True) for _ in range(8)
    )
