"""The inherent tier of deployments and servers, worked out when their facts change."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from riskregister.refusals import Refused
from vendors import fields, tiers
from vendors.models import Deployment, Fact, Server
from vendors.models.deployment import FACTS
from vendors.signals import server_changed

FACT_FIELDS: dict[str, fields.Cleaner] = dict.fromkeys(FACTS, fields.one_of_or_empty(Fact))


def clean_facts(facts: Mapping[str, Any]) -> dict[str, str]:
    """Return exposure facts as they are stored, empty where unknown. Raises Refused for another fact or level."""
    return fields.clean(facts, FACT_FIELDS)


def rate(exposed: Server | Deployment) -> None:
    """Set tier and reason on the object from its own facts, without saving it."""
    tiering = tiers.inherent_tier(exposed.facts, tiers.load())
    exposed.inherent_tier, exposed.tier_reason = tiering.tier, tiering.reason


def refresh(server: Server, *, now: datetime) -> None:
    """Save what the server shows of its deployments: whether one is in use, and the worst tier of those not ended.

    A planned deployment counts for the tier: the risk is judged before the first agent connects. Without any the
    server's own facts count. The server's row is locked, so that of two changes at once the later sees the earlier.
    """
    row = Server.objects.select_for_update(no_key=True).get(pk=server.pk)
    current = list(server.deployments.filter(ended_on__isnull=True).order_by("inherent_tier", "number"))
    shown: dict[str, Any] = {"is_in_use": any(deployment.in_use_since for deployment in current)}
    if current:
        worst = current[0]
        shown |= {"inherent_tier": worst.inherent_tier, "tier_reason": f"{worst.ref}: {worst.tier_reason}"[:250]}
    else:
        own = tiers.inherent_tier(row.facts, tiers.load())
        shown |= {"inherent_tier": own.tier, "tier_reason": own.reason}
    fields.put_on(row, fields.differing(row, shown))
    for field, value in shown.items():
        setattr(server, field, value)
    server_changed.send(Server, server=server, reason="Its exposure or use changed.", now=now)


def refuse_facts_of_the_future(name: str, day: Any, today: Any) -> None:
    """Raise Refused for a day that has not come: what is in use is stored, so it must be true already."""
    if day is not None and day > today:
        raise Refused("This day has not come yet. Record it when it has.", field=name)
