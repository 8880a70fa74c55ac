"""Frozen records and four eyes, guarded by the database."""

from django.db import migrations

from assessments import four_eyes
from audit.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [("assessments", "0001_initial")]
    operations = [
        four_eyes.operation(),
        append_only("assessments_snapshot", unless=four_eyes.DEMO_ASSESSMENT),
        append_only("assessments_overlay", unless=four_eyes.DEMO_ASSESSMENT),
        append_only("assessments_ratingrecord", unless=four_eyes.DEMO_SERVER),
        append_only("assessments_methodologyversion", key="version"),
        append_only("assessments_questionset"),
        append_only("assessments_question"),
        append_only("assessments_option"),
    ]
