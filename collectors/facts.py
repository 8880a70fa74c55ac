"""What was observed, as facts with which answers are compared: what is fresh and of the release, and nothing else."""

from collections.abc import Iterator
from datetime import datetime

from django.utils import timezone

from assessments.facts.register_facts import Known
from collectors import subjects
from collectors.sources.fetching import key
from monitoring.models import Observation
from scoring import deadlines
from vendors.models import Release


def of(release: Release, now: datetime) -> Iterator[Known]:
    """Yield what was seen of a release that bears on answers, and still counts at the moment."""
    fresh = Observation.objects.fresh(now=now).filter(server=release.server_id).select_related("run")
    rows = list(fresh.exclude(fact="").order_by("key"))
    if not rows:
        return
    about = _about(release)
    for row in rows:
        kind = row.key.partition(":")[0]
        if row.key in {key(kind, one) for one in about}:
            yield Known(fact=row.fact, holds=bool(row.holds), says=says(row), run=str(row.run_id))


def says(row: Observation) -> str:
    """Return what was seen as a sentence, with the day."""
    return f"{row}, as seen on {deadlines.written(timezone.localdate(row.seen_at))}."


def _about(release: Release) -> set[str]:
    """Return what things that are seen of the release are about: another version, or former publisher, has others."""
    asked = subjects.packages_of(release)
    return {
        release.version,
        *(one.ref for one in asked),
        *(one.identifier for one in asked),
        *subjects.addresses_of(release),
        subjects.repository_of(release.server),
        subjects.domain_of(release.server),
    }
