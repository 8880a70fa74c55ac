"""What stands below the address of a server beside its steps."""

from datetime import datetime
from typing import Any

from api.v1.controls import control_statuses
from api.v1.landscape.joined_profiles import JoinedProfileOut
from api.v1.landscape.what_stops import WithWhatStops
from api.v1.policies.verification import WithVerification
from api.v1.servers.vex import WithVex
from api.views import part
from landscape import joined_profile
from landscape.joined_profile import JoinedProfile
from vendors.models import Server


class WithParts(WithVerification, WithVex, WithWhatStops):
    """What a server is verified by, what hits it, what stops with it, its controls and its technical profile."""

    @part("controls", shows=control_statuses.HoldingOut, many=True)
    def controls(self, server: Server, *, now: datetime) -> Any:
        """Return what holds of controls for the server; of all others nothing is known."""
        return control_statuses.holding_for(server.pk, now=now)

    @part("technical-profile", shows=JoinedProfileOut)
    def technical_profile(self, server: Server, *, now: datetime) -> JoinedProfile:
        """Return the technical profiles of its deployments side by side, fact by fact."""
        return joined_profile.of(server, now=now)
