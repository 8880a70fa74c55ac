"""What a worker of the web server has done before its first request."""

import json
import subprocess
import sys

from django.conf import settings

LOOK = """
import gc, json, sys
import riskregister.wsgi
print(json.dumps(["web.dashboard" in sys.modules, "api.v1.dashboard" in sys.modules, gc.get_freeze_count()]))
"""


def test_it_has_loaded_all_doors_and_put_them_out_of_the_way_of_the_collector() -> None:
    done = subprocess.run([sys.executable, "-c", LOOK], cwd=settings.BASE_DIR, capture_output=True, check=True)
    pages, api, frozen = json.loads(done.stdout)

    assert (pages, api) == (True, True)
    assert frozen > 100_000
