"""Whether a rule is about an event: values only, no database."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from alerts.recipients import kinds
from scoring.scales import Severity


@dataclass(frozen=True, slots=True)
class Sight:
    """What a rule sees of an event and of what it is about.

    `severity` is None where nobody knows it (`has_severity`), and where it is nothing that has one. `tier` is that of
    the server, `vendors` are those behind it, `tags` its own.
    """

    verb: str
    severity: Severity | None = None
    has_severity: bool = False
    tier: int | None = None
    vendors: Collection[UUID] = ()
    tags: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a rule asks of an event; what is empty asks nothing."""

    about: Collection[str]
    least_severity: Severity | None = None
    tiers: Collection[int] = ()
    vendor: UUID | None = None
    tag: str = ""

    def fit(self, sight: Sight) -> bool:
        """Return whether the rule tells of it. What nobody knows fits: unknown is not harmless."""
        if sight.verb not in self.about and kinds.of(sight.verb) not in self.about:
            return False
        asked = (self._is_severe, self._is_of_a_tier, self._is_of_the_vendor, self._is_tagged)
        return all(fits(sight) for fits in asked)

    def _is_severe(self, sight: Sight) -> bool:
        if self.least_severity is None:
            return True
        return sight.has_severity and (sight.severity is None or sight.severity <= self.least_severity)

    def _is_of_a_tier(self, sight: Sight) -> bool:
        return not self.tiers or sight.tier in self.tiers

    def _is_of_the_vendor(self, sight: Sight) -> bool:
        return self.vendor is None or self.vendor in sight.vendors

    def _is_tagged(self, sight: Sight) -> bool:
        return not self.tag or self.tag in sight.tags
