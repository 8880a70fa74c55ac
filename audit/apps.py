"""The audit room."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate

from audit import triggers


class AuditConfig(AppConfig):
    """Names the actor of every field-level entry, and guards the tables after each migration."""

    name = "audit"

    def ready(self) -> None:
        """Connect the receivers and declare that events are append-only."""
        from audit import diffs

        diffs.connect()
        triggers.guard(triggers.AppendOnly("audit_event"))
        pre_migrate.connect(triggers.before_migration, sender=self, dispatch_uid="audit.guards_off")
        post_migrate.connect(triggers.after_migration, sender=self, dispatch_uid="audit.guards_on")
