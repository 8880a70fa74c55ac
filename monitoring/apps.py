"""The room of monitoring."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class MonitoringConfig(AppConfig):
    """Holds the runs of collectors and what they saw."""

    name = "monitoring"

    def ready(self) -> None:
        """Let every check of the trail compare them with its events, and migrations give collectors their rights."""
        from monitoring import collector_rights, verifying
        from seal import checking

        checking.also(verifying.problems)
        pre_migrate.connect(collector_rights.before_migration, sender=self, dispatch_uid="monitoring.view_aside")
        post_migrate.connect(collector_rights.after_migration, sender=self, dispatch_uid="monitoring.rights")
