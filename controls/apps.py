"""The room of controls and governance tiers."""

from django.apps import AppConfig


class ControlsConfig(AppConfig):
    """Holds the statuses of controls and the plans towards a tier."""

    name = "controls"

    def ready(self) -> None:
        """Follow the catalogue, what assessments find, what deployments are, and until when evidence counts."""
        from assessments import following as assessments_following
        from catalogue import following as catalogue_following
        from controls import following
        from controls.sources import sourcing
        from controls.tiers import missing
        from evidence import following as evidence_following
        from vendors import following as vendors_following

        catalogue_following.when_superseded(following.superseded)
        assessments_following.when_final(sourcing.assessment_final)
        evidence_following.when_moved(following.evidence_moved)
        vendors_following.when_changed(missing.server_changed)
