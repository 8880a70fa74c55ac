"""The WSGI application that gunicorn serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "riskregister.settings")
application = get_wsgi_application()
# All doors, which the first request would load otherwise: what is there now stays as long as the worker, and the
# collector does not look through it again. It took 114 ms each time, in the middle of somebody's request, and takes 12.
get_resolver().url_patterns  # noqa: B018 - a property that loads
gc.collect()
gc.freeze()
