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
        """Register the models whose fields are audited, and the words that people search."""
        from auditlog.registry import auditlog

        from riskregister import trigrams

        trigrams.index("vendors_vendor", "name", "legal_entity")
        trigrams.index("vendors_server", "title", "name")
        for model in AUDITED:
            auditlog.register(self.get_model(model))
