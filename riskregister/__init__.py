"""The foundation: settings, addresses, the Celery application and what every room needs. Imports no app."""

from riskregister.celery import app as celery_app

__all__ = ["celery_app"]
