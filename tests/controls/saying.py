"""Statuses and findings of many controls in many places, for tests of what holds of all of them."""

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from controls.models import ControlStatus, SourcedStatuses, Word, status
from controls.models.status import TO_DO
from tests.cast import NOON
from vendors.models import Deployment, Server

TODAY = NOON.date()
DAY = timedelta(days=1)


def say_anything(everywhere: Sequence[Any], keys: list[int], number: int = 1000) -> None:
    """State and find something of many controls in many places, at random but always the same."""
    chance = random.Random(number)
    words = [word for word in Word.values if word != "not_known"]
    for about in everywhere:
        for key in keys:
            if chance.random() < 0.4:
                number += 1
                word = chance.choice(words)
                until = chance.choice((None, TODAY, TODAY - DAY)) if word in ("in_place", "partly") else None
                ControlStatus.objects.create(
                    number=number, control_id=key, state=word, reason="So.", as_of=TODAY - 9 * DAY, valid_until=until,
                    due_on=TODAY if word == "planned" else None, stated_at=NOON, **status.place_of(about),
                    effort_days=chance.choice((None, 0, 3, 8)) if word in TO_DO else None,
                )  # fmt: skip
        # A second source, so that of two in one place the worse is believed.
        found_by = (("assessment", "A-1"), ("look", "C-1"), ("certificate", "CE-1"))
        for source, origin in found_by if isinstance(about, Server | Deployment) else ():
            by_status: dict[str, list[int]] = {}
            for key in keys:
                if chance.random() < 0.5:
                    found = chance.choice(("in_place", "partly", "missing", "not_applicable"))
                    by_status.setdefault(found, []).append(key)
            is_server = isinstance(about, Server)
            SourcedStatuses.objects.create(
                server=about if is_server else about.server, deployment=None if is_server else about,
                source=source, origin=origin, by_status=by_status, as_of=TODAY,
            )  # fmt: skip
