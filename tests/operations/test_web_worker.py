"""What a worker of the web server has done before its first request."""

import json
import subprocess
import sys

from django.conf import settings

LOOK = """
import gc, json, sys
import riskregister.wsgi
loaded = [name in sys.modules for name in ("web.dashboard", "api.v1.dashboard", "celery", "kombu")]
print(json.dumps([loaded, gc.get_freeze_count()]))
"""


def test_it_has_loaded_all_doors_and_only_a_broker_that_is_there_and_put_them_out_of_the_way() -> None:
    done = subprocess.run([sys.executable, "-c", LOOK], cwd=settings.BASE_DIR, capture_output=True, check=True)
    loaded, frozen = json.loads(done.stdout)

    has_broker = bool(settings.REDIS_URL)
    assert loaded == [True, True, has_broker, has_broker]
    assert frozen > 100_000
