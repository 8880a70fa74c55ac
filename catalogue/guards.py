"""What was published never changes: guarded by triggers on SQLite and PostgreSQL alike."""

from audit.triggers import AppendOnly, Guard

GUARDS: tuple[Guard, ...] = (
    AppendOnly("catalogue_methodologyversion", key="version"),
    AppendOnly("catalogue_questionset"),
    AppendOnly("catalogue_question"),
    AppendOnly("catalogue_option"),
)
