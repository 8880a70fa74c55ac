"""What a person has chosen about mail: of which kinds they are told how soon."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from accounts import access, principals
from accounts.models import User
from accounts.principals import Principal
from accounts.steps import Done, Unchanged, step
from alerts.models import MailChoice
from alerts.recipients import kinds
from audit.events import Pace
from riskregister.refusals import Refused

When = MailChoice.When


class NotTheirMail(access.NotPermitted):
    """People choose about their own mail."""


class NoSuchChoice(Refused):
    """There is no such kind, or it cannot be mailed like that."""


def offered(kind: str) -> list[tuple[str, str]]:
    """Return how a kind can be mailed, as pairs of a word and what people read."""
    if kind == kinds.WEEKLY:
        return [(When.USUAL.value, "Every Monday"), (When.NEVER.value, str(When.NEVER.label))]
    return [(when.value, str(when.label)) for when in When]


def chosen_by(person: User) -> dict[str, str]:
    """Return what a person has chosen for every kind."""
    by_kind = dict(MailChoice.objects.filter(person=person).values_list("kind", "when"))
    return {kind: by_kind.get(kind, When.USUAL.value) for kind in kinds.KINDS}


def chosen(people: Iterable[User], kind: str) -> dict[UUID, str]:
    """Return what these people have chosen for a kind, by id, where that is not as usual."""
    keys = [person.pk for person in people]
    if not keys:
        return {}
    rows = MailChoice.objects.filter(person__in=keys, kind=kind).exclude(when=When.USUAL)
    return dict(rows.values_list("person_id", "when"))


def pace(usual: Pace, when: str) -> Pace | None:
    """Return how soon a mail tells what usually has this pace; None: no mail does. What is critical is always told."""
    if usual is Pace.CRITICAL:
        return usual
    return {When.AT_ONCE.value: Pace.SOON, When.DAILY.value: Pace.DAILY, When.NEVER.value: None}.get(when, usual)


def soonest(*paces: Pace | None) -> Pace | None:
    """Return the soonest of these, None where there is none."""
    return min((one for one in paces if one), key=list(Pace).index, default=None)


@step(
    "person.mail_chosen",
    needs=(),
    barred=(principals.only_theirs(NotTheirMail, "People choose about their own mail."),),
)
def choose(person: User, *, choices: Mapping[str, str], by: Principal, now: datetime) -> Done[User]:
    """Return the person, who has chosen how soon a mail tells them of these kinds; of the others it stays as it was.

    Raises NoSuchChoice for a kind that there is not, or that cannot be mailed like that.
    """
    for kind, when in choices.items():
        if kind not in kinds.KINDS:
            raise NoSuchChoice(f"There is no kind {kind!r}. Choose one of: {', '.join(kinds.KINDS)}.")
        if when not in dict(offered(kind)):
            raise NoSuchChoice(f"Choose one of: {', '.join(dict(offered(kind)))}.", field=kind)
    before = chosen_by(person)
    changed = {kind: when for kind, when in choices.items() if before[kind] != when}
    for kind, when in changed.items():
        MailChoice.objects.update_or_create(person=person, kind=kind, defaults={"when": when})
    if not changed:
        return Unchanged(person)
    return Done(person, chosen=[f"{kind}: {when}" for kind, when in sorted(changed.items())])
