"""When the clauses of a vendor's contracts were last held against what is demanded."""

from django.db import models

from vendors.models import Vendor


class ClauseLook(models.Model):
    """The last look at a vendor, and by what it was taken: when one of these has changed, another is due."""

    vendor = models.OneToOneField(Vendor, on_delete=models.CASCADE, primary_key=True, related_name="clause_look")
    looked_on = models.DateField()
    basis = models.CharField(max_length=64, help_text="versions of clauses and law, and which rules were in force")
    worst_tier = models.PositiveSmallIntegerField(null=True)
    servers = models.PositiveIntegerField(default=0)
    use_cases = models.PositiveIntegerField(default=0, help_text="that run on a model of the vendor")
    is_due = models.BooleanField(default=False, help_text="something that it goes by was changed since")

    class Meta:
        indexes = (
            models.Index(fields=["looked_on"], name="clause_look_by_day"),
            models.Index(fields=["is_due"], name="clause_look_due", condition=models.Q(is_due=True)),
        )

    def __str__(self) -> str:
        """Return of whom it was."""
        return f"Look at the contracts of {self.vendor_id}"
