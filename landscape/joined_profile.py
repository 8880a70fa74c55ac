"""The technical profile of a server: what those of its deployments say, side by side, fact by fact."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import TextChoices

from landscape import profile_facts, profile_words
from landscape.models import TechnicalProfile
from vendors.models import Deployment, Server


class Agreement(TextChoices):
    """How far the deployments of a server are alike in a fact."""

    SAME = "same", "The same everywhere"
    PARTLY = "partly_known", "Not known everywhere"
    DIFFERS = "differs", "Differs"
    UNKNOWN = "not_known", "Not known"


@dataclass(frozen=True, slots=True)
class Saying:
    """What some deployments say of a fact, in words."""

    words: str
    deployments: Sequence[Deployment]


@dataclass(frozen=True, slots=True)
class JoinedFact:
    """A fact of the technical profile with all that is said of it, and of which deployments nobody knows it."""

    field: str
    label: str
    sayings: Sequence[Saying]
    unknown: Sequence[Deployment]

    @property
    def agreement(self) -> Agreement:
        """Return how far the deployments are alike; what nobody knows of one is never taken to be as elsewhere."""
        if not self.sayings:
            return Agreement.UNKNOWN
        if len(self.sayings) > 1:
            return Agreement.DIFFERS
        return Agreement.PARTLY if self.unknown else Agreement.SAME


@dataclass(frozen=True, slots=True)
class JoinedGroup:
    """Facts that belong together."""

    title: str
    facts: Sequence[JoinedFact]


@dataclass(frozen=True, slots=True)
class SeenOtherwise:
    """What was seen of the server that is not as the profile of a deployment says."""

    deployment: Deployment
    words: Sequence[str]


@dataclass(frozen=True, slots=True)
class JoinedProfile:
    """What is known of the technique of all deployments of a server that have not ended."""

    profiles: Sequence[TechnicalProfile]
    without: Sequence[Deployment]
    groups: Sequence[JoinedGroup]
    seen_otherwise: Sequence[SeenOtherwise]


def of(server: Server, *, now: datetime) -> JoinedProfile:
    """Return the technical profiles of a server's deployments in use or planned, joined."""
    deployments = list(Deployment.objects.filter(server=server, ended_on__isnull=True).order_by("number"))
    rows = TechnicalProfile.objects.filter(deployment__in=deployments).select_related("fallback")
    profiles = {row.deployment_id: row for row in rows}
    for one in deployments:
        if one.pk in profiles:
            profiles[one.pk].deployment = one
    otherwise = profile_facts.seen_otherwise(profiles.values(), now=now)
    seen = [SeenOtherwise(one, words) for one in deployments if (words := otherwise.get(str(one.pk)))]
    pairs = [(one, profiles.get(one.pk)) for one in deployments]
    groups = [
        JoinedGroup(title, [_joined(name, pairs) for name in names]) for title, names in profile_words.GROUPS.items()
    ]
    written = [profile for _one, profile in pairs if profile is not None]
    return JoinedProfile(written, [one for one, profile in pairs if profile is None], groups, seen)


def _joined(name: str, pairs: Iterable[tuple[Deployment, TechnicalProfile | None]]) -> JoinedFact:
    by_words: dict[str, list[Deployment]] = {}
    for deployment, profile in pairs:
        words = "" if profile is None else profile_words.in_words(profile, name)
        by_words.setdefault(words, []).append(deployment)
    unknown = by_words.pop("", [])
    return JoinedFact(name, profile_words.label(name), [Saying(*one) for one in by_words.items()], unknown)
