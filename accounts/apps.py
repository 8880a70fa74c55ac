"""The accounts room."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Registers the field-level audit of people, units and tokens."""

    name = "accounts"

    def ready(self) -> None:
        """Register the models whose fields are audited."""
        from auditlog.registry import auditlog

        auditlog.register(self.get_model("User"), exclude_fields=["last_login"], mask_fields=["password"])
        auditlog.register(self.get_model("Unit"))
        auditlog.register(self.get_model("Membership"))
        auditlog.register(self.get_model("ApiToken"), exclude_fields=["last_used_at"], mask_fields=["digest"])
