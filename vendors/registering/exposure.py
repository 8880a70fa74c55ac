"""The inherent tier of deployments and servers, worked out when their facts change."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.principals import Principal
from riskregister.refusals import Refused
from riskregister.transitions import change_if
from vendors import fields, following, tiers
from vendors.models import Deployment, Fact, Server
from vendors.models.deployment import FACTS
from vendors.registering import easing

FACT_FIELDS: dict[str, fields.Cleaner] = dict.fromkeys(FACTS, fields.one_of_or_empty(Fact))


@dataclass(frozen=True, slots=True)
class Gap:
    """The facts of a deployment, or of a server without one, that nobody knows: knowing them narrows the tier."""

    exposed: Server | Deployment
    facts: tuple[tiers.ExposureFact, ...]

    def __str__(self) -> str:
        """Return e.g. "D-3: Autonomy, Egress"; of a server's own facts without its number."""
        named = ", ".join(fact.title for fact in self.facts)
        return f"{self.exposed.ref}: {named}" if isinstance(self.exposed, Deployment) else named


def clean_facts(facts: Mapping[str, Any]) -> dict[str, str]:
    """Return exposure facts as they are stored, empty where unknown. Raises Refused for another fact or level."""
    return fields.clean(facts, FACT_FIELDS)


def rate(exposed: Server | Deployment) -> None:
    """Set the tier, at worst and at best, and its reason on the object from its own facts, without saving it."""
    tiering = tiers.inherent_tier(exposed.facts, tiers.load())
    exposed.inherent_tier, exposed.tier_reason = tiering.tier, tiering.reason
    exposed.tier_at_best = tiering.at_best


def counting(server: Server) -> list[Server] | list[Deployment]:
    """Return what the tier of a server follows from: its current deployments by number, or itself without any."""
    current = [row for row in server.deployments.all() if row.ended_on is None]
    return sorted(current, key=lambda row: row.number) or [server]


def unknown(exposed: Server | Deployment) -> tuple[tiers.ExposureFact, ...]:
    """Return the facts of a deployment, or of a server itself, that nobody knows."""
    return tuple(fact for fact in tiers.load().facts if not getattr(exposed, fact.key))


def gaps(server: Server) -> list[Gap]:
    """Return what nobody knows of the facts that the tier of a server follows from, nothing when all are known."""
    return gaps_of(counting(server))


def gaps_of(rows: Iterable[Server | Deployment]) -> list[Gap]:
    """Return the same of what a tier follows from, where that is loaded already."""
    return [Gap(row, facts) for row in rows if (facts := unknown(row))]


def shown(server: Server, *, changing: Deployment | None = None) -> dict[str, Any]:
    """Return what a server shows of its deployments: whether one is in use, and the worst tier of those not ended.

    A planned deployment counts for the tier: the risk is judged before the first agent connects. Without any the
    server's own facts count. `changing` counts as it is about to be written.
    """
    rows = {row.pk: row for row in server.deployments.filter(ended_on__isnull=True)}
    if changing is not None:
        rows[changing.pk] = changing
    current = [row for row in rows.values() if row.ended_on is None]
    is_in_use = any(row.in_use_since for row in current)
    if current:
        worst = min(current, key=lambda row: (row.inherent_tier, row.number))
        tier, reason = worst.inherent_tier, f"{worst.ref}: {worst.tier_reason}"[:250]
        at_best = min(row.tier_at_best for row in current)
    else:
        own = tiers.inherent_tier(server.facts, tiers.load())
        tier, reason, at_best = own.tier, own.reason, own.at_best
    return {"is_in_use": is_in_use, "inherent_tier": tier, "tier_reason": reason, "tier_at_best": at_best}


def refresh(server: Server, *, changing: Deployment, by: Principal, now: datetime) -> None:
    """Write what the server shows of its deployments. Part of a step about one of them, which holds the server.

    Raises easing.EasesExposure for whoever may not make its tier milder.
    """
    changed = fields.differing(server, shown(server, changing=changing))
    easing.note(server, changed.get("inherent_tier", server.inherent_tier), by=by, now=now)
    if changed:
        change_if(server, {}, **changed)
    following.changed(server, reason="Its exposure or use changed.", now=now)


def refuse_facts_of_the_future(name: str, day: Any, today: Any) -> None:
    """Raise Refused for a day that has not come: what is in use is stored, so it must be true already."""
    if day is not None and day > today:
        raise Refused("This day has not come yet. Record it when it has.", field=name)
