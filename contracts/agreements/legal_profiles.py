"""Steps of what the law takes a unit to be: written, and written anew."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from django.db.models import CharField

from accounts import principals
from accounts.access import Capability
from accounts.models import Unit
from accounts.principals import Principal
from accounts.steps import Done, Unchanged, step
from contracts.agreements import cleaning
from contracts.coverage import looking
from contracts.models import LegalProfile
from contracts.models.legal_profile import FACTS
from riskregister import versions
from riskregister.refusals import Conflict, Refused
from vendors import fields


def _fact(name: str) -> fields.Cleaner:
    """Return the cleaner of one of the facts."""
    field_ = cast("CharField[str, str]", LegalProfile._meta.get_field(name))
    choices = [str(word) for word, _ in field_.flatchoices]

    def clean(value: Any, field: str) -> str:
        if value not in choices:
            raise Refused(f"Choose one of: {', '.join(choices)}.", field=field)
        return str(value)

    return clean


FIELDS: dict[str, fields.Cleaner] = {
    "entity_name": fields.word(200),
    "lei": cleaning.lei,
    "country": cleaning.country,
    **{name: _fact(name) for name in FACTS},
}


@step("legal_profile.written", needs=Capability.WRITE, makes=LegalProfile)
def write(*, unit: Unit, by: Principal, now: datetime, **facts: Any) -> Done[LegalProfile]:
    """Return what the law takes a unit to be, of which nobody had said it; what is not among `facts` is not known.

    Raises Refused for a bad value, Conflict for a second profile of the unit.
    """
    person = principals.person_of(by)
    profile = LegalProfile(unit=unit, written_by=person, written_at=now, **fields.clean(facts, FIELDS))
    fields.save_once(profile, otherwise=Conflict("This unit has a legal profile already. Change that one."))
    return _told(profile, sorted(facts))


@step("legal_profile.rewritten", needs=Capability.WRITE, edits=versions.facts(*FIELDS))
def rewrite(profile: LegalProfile, *, changes: Mapping[str, Any], by: Principal, now: datetime) -> Done[LegalProfile]:
    """Return the profile with other FIELDS; the vendors of the unit are looked at anew. Raises Refused."""
    changed = fields.differing(profile, fields.clean(changes, FIELDS))
    if not changed:
        return Unchanged(profile)
    fields.put_on(profile, changed)
    profile.written_by, profile.written_at = principals.person_of(by), now
    return _told(profile, sorted(changed))


def _told(profile: LegalProfile, facts: list[str]) -> Done[LegalProfile]:
    done = Done(profile, unit=str(profile.unit), facts=facts)
    return done.and_then(lambda: looking.mark_due_for(profile.unit_id))
