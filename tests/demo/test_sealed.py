"""The trail of the demo organisation is the register's own, with its days of the past and after its removal."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from audit.models import Event
from demo import build, removal
from seal import checking, sealing

NOW = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


def problems() -> Counter[str]:
    return Counter(f"{one.kind} {one.where.partition(':')[0]}: {one.sentence}" for one in checking.check().problems)


def test_the_trail_holds_with_the_demo_and_without_it(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR, settings.EVIDENCE_DIR = tmp_path, tmp_path / "evidence"
    build.build(now=NOW, said=lambda month: None)
    assert sealing.seal(now=NOW) > Event.objects.count() > 1_000
    assert not problems()

    removal.remove(by=User.objects.get(email__startswith="amara."), now=NOW)

    assert not problems()
