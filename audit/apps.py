"""The audit room."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.module_loading import autodiscover_modules

from audit import triggers
from riskregister.queries import searching, trigrams


class AuditConfig(AppConfig):
    """Loads what rooms say of themselves; after each migration guards the tables and indexes their words."""

    name = "audit"

    def ready(self) -> None:
        """Load the declarations and connect the receivers."""
        from audit import diffs

        autodiscover_modules("nouns", "looks", "events", "guards")
        connection_created.connect(searching.on_connection, dispatch_uid="audit.searching")
        diffs.connect()
        trigrams.index_words()
        trigrams.index("audit_event", "object_label", "actor_label")
        # What lists are searched by beside the words of the cards (`also`).
        trigrams.index("evidence_evidence", "url")
        trigrams.index("vendors_vendor", "website")
        trigrams.index("vendors_deployment", "name", "agent")
        trigrams.index("findings_riskacceptance", "compensating_control")
        trigrams.index("reports_report", "title")
        pre_migrate.connect(triggers.before_migration, sender=self, dispatch_uid="audit.guards_aside")
        post_migrate.connect(triggers.after_migration, sender=self, dispatch_uid="audit.guards_on")
        post_migrate.connect(trigrams.after_migration, sender=self, dispatch_uid="audit.trigrams")
