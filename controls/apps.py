"""The room of controls and governance tiers."""

from django.apps import AppConfig


class ControlsConfig(AppConfig):
    """Holds the statuses of controls and the plans towards a tier."""

    name = "controls"

    def ready(self) -> None:
        """Follow the catalogue and what assessments find."""
        from assessments import following as assessments_following
        from catalogue import following as catalogue_following
        from controls import following, sourcing

        catalogue_following.when_superseded(following.superseded)
        assessments_following.when_final(sourcing.assessment_final)
