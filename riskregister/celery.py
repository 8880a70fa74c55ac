"""The Celery application: its messages only wake a worker, the truth about work is the job table.

Loaded by workers, and by whoever sends messages: an installation without a broker does not pay for it.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "riskregister.settings")

app = Celery("riskregister")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["jobs"], related_name="celery_tasks")
