"""The foundation: settings, addresses, the Celery application and what every room needs. Imports no app."""
