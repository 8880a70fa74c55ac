"""The assessments room."""

from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    """Assessments and their answers."""

    name = "assessments"
