"""What is not encrypted goes only where whoever runs the installation has said so."""

from django.conf import settings

from alerts.channels.outcome import NotDelivered
from riskregister import outbound


def require(host: str, address: str) -> None:
    """Raise NotDelivered where a message would cross a network unencrypted that nobody has named."""
    if not outbound.is_allowed(address, allowed=settings.OUTBOUND_ALLOW):
        raise NotDelivered(
            f"{host} is reached without encryption. Give an address with https or tls, or let whoever runs this "
            "installation name its network in RISKREGISTER_OUTBOUND_ALLOW."
        )
