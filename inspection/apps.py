"""The room of inspection."""

from django.apps import AppConfig


class InspectionConfig(AppConfig):
    """Looks at servers and checks what they offer; it has no rows of its own."""

    name = "inspection"

    def ready(self) -> None:
        """Follow: what is captured is checked in the same step."""
        from inspection import checking
        from vendors import following

        following.when_changed(checking.follow)
