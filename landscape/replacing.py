"""Steps about how easily a server or a vendor could be replaced; and what is known of many at once."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from accounts import principals
from accounts.access import Capability
from accounts.principals import Principal
from accounts.steps import Done, Unchanged, step
from landscape.models import Substitutability
from riskregister import versions
from riskregister.refusals import Conflict
from riskregister.text import clean_reason
from vendors import fields
from vendors.fields import Cleaner
from vendors.models import Server, Vendor


def _reason(value: Any, field: str) -> str:
    return clean_reason(value if isinstance(value, str) else "", field=field)


FIELDS: dict[str, Cleaner] = {
    "level": fields.one_of(Substitutability.Level),
    "reason": _reason,
    "alternatives": fields.text,
}


@step("substitutability.judged", needs=Capability.WRITE, makes=Substitutability)
def judge(subject: Server | Vendor, *, level: str, by: Principal, now: datetime, **facts: Any) -> Substitutability:
    """Return what is said of how easily a server or a vendor could be replaced; `facts` are FIELDS.

    Raises Refused for a bad value, Conflict when it is said already.
    """
    about: dict[str, Any] = (
        {"server": subject, "unit": subject.unit} if isinstance(subject, Server) else {"vendor": subject}
    )
    cleaned = fields.clean({"reason": ""} | facts | {"level": level}, FIELDS)
    made = Substitutability(**about, **cleaned, judged_by=principals.person_of(by), judged_at=now)
    fields.save_once(made, otherwise=Conflict(f"That is said of {subject} already. Change it."))
    return made


@step("substitutability.rejudged", needs=Capability.WRITE, edits=versions.facts(*FIELDS))
def rejudge(
    substitutability: Substitutability, *, changes: Mapping[str, Any], by: Principal, now: datetime
) -> Done[Substitutability]:
    """Return it with other FIELDS; records nothing when none differs. Raises Refused for a bad value."""
    changed = fields.differing(substitutability, fields.clean(changes, FIELDS))
    if not changed:
        return Unchanged(substitutability)
    fields.put_on(substitutability, changed)
    substitutability.judged_by, substitutability.judged_at = principals.person_of(by), now
    return Done(substitutability, fields=sorted(changed))


def levels_of(*, servers: Collection[UUID] = (), vendors: Collection[UUID] = ()) -> dict[UUID, str]:
    """Return how easily each of these could be replaced, by its id; nothing of what nobody has judged."""
    of_servers = Substitutability.objects.filter(server__in=servers).values_list("server", "level")
    of_vendors = Substitutability.objects.filter(vendor__in=vendors).values_list("vendor", "level")
    return dict([*of_servers, *of_vendors])
