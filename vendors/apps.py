"""The vendors room."""

from django.apps import AppConfig

AUDITED = (
    "Vendor",
    "VendorKind",
    "SubProcessor",
    "Contact",
    "Server",
    "ServerSupplier",
    "Release",
    "Package",
    "Remote",
    "Deployment",
)


class VendorsConfig(AppConfig):
    """Registers the field-level audit of vendors and servers."""

    name = "vendors"

    def ready(self) -> None:
        """Register the models whose fields are audited."""
        from auditlog.registry import auditlog

        for model in AUDITED:
            auditlog.register(self.get_model(model))
