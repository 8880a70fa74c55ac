"""What the database role of collectors that run apart may do, on PostgreSQL: read what is open of its work list, claim
it, and bring what it saw. Nothing else, and none of it again or otherwise.

The view and the rights are put in place after each migration, by whoever owns the tables, where the role is there.
"""

from typing import Any

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from monitoring import work_list
from monitoring.models import Brought, Claim, Run, Task

ROLE = "register_collector"
VIEW = "monitoring_open_task"
_TASKS, _CLAIMS, _BROUGHT = Task._meta.db_table, Claim._meta.db_table, Brought._meta.db_table
_WORDS = "SELECT 1 FROM {claims} c WHERE c.task_id = t.run_id AND c.claimed_at > now() - interval '{lease} seconds'"
# A barrier, so that no condition of the reader's is tried on the rows that it leaves out.
_MADE = f"""
CREATE VIEW {VIEW} WITH (security_barrier) AS
SELECT t.run_id, t.collector, t.asks, t.asked_at,
    (SELECT count(*) FROM {_CLAIMS} c WHERE c.task_id = t.run_id) + 1 AS attempt
FROM {_TASKS} t JOIN {Run._meta.db_table} r ON r.id = t.run_id
WHERE r.status IN ('queued', 'running')
    AND NOT EXISTS (SELECT 1 FROM {_BROUGHT} b JOIN {_CLAIMS} c ON c.id = b.claim_id WHERE c.task_id = t.run_id)
    AND NOT EXISTS ({_WORDS.format(claims=_CLAIMS, lease=int(work_list.LEASE.total_seconds()))})
    AND (SELECT count(*) FROM {_CLAIMS} c WHERE c.task_id = t.run_id) < {Claim.MOST}
"""  # noqa: S608 - of declared names
_GRANTED = (
    f"GRANT USAGE ON SCHEMA public TO {ROLE}",
    f"GRANT SELECT ON {VIEW} TO {ROLE}",
    # The moments are the database's.
    f"GRANT INSERT (id, task_id, attempt) ON {_CLAIMS} TO {ROLE}",
    f"GRANT INSERT (claim_id, text, digest) ON {_BROUGHT} TO {ROLE}",
)
_HAS = "SELECT DISTINCT quote_ident(table_name) FROM information_schema.column_privileges WHERE grantee = %s"


def before_migration(using: str, plan: list[Any], **kwargs: Any) -> None:
    """Take the view away before tables under it may change (signal receiver)."""
    if plan and connections[using].vendor == "postgresql":
        with connections[using].cursor() as cursor:
            cursor.execute(f"DROP VIEW IF EXISTS {VIEW}")


def after_migration(using: str, **kwargs: Any) -> None:
    """Put the view in place, and the rights of the role where it is there (signal receiver)."""
    connection = connections[using]
    tables = {_TASKS, _CLAIMS, _BROUGHT, Run._meta.db_table}
    if connection.vendor == "postgresql" and tables <= set(connection.introspection.table_names()):
        install(connection)


def install(connection: BaseDatabaseWrapper) -> None:
    """Put both in place, in one transaction: what the role had otherwise it has no more."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_regclass(%s) IS NULL, EXISTS (SELECT 1 FROM pg_roles WHERE rolname = %s)", [VIEW, ROLE]
        )
        is_missing, has_role = cursor.fetchone()
        if is_missing:
            cursor.execute(_MADE)
        if has_role:
            cursor.execute(_HAS, [ROLE])
            for (table,) in cursor.fetchall():
                cursor.execute(f"REVOKE ALL ON {table} FROM {ROLE}")
            for statement in _GRANTED:
                cursor.execute(statement)
