"""Truths about findings, guarded by triggers on SQLite and PostgreSQL alike."""

from assessments.guards import DEMO_ASSESSMENT
from audit.triggers import AppendOnly, Guard

GUARDS: tuple[Guard, ...] = (AppendOnly("findings_overlay", unless=DEMO_ASSESSMENT),)
