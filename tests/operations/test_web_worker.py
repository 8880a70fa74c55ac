"""What a worker of the web server has done before its first request."""

import json
import re
import socket
import subprocess
import sys

from django.conf import settings

from operations.management.commands import serve

LOOK = """
import gc, json, sys
import riskregister.wsgi
loaded = [name in sys.modules for name in ("web.home.dashboard", "api.v1.dashboard", "celery", "kombu")]
print(json.dumps([loaded, gc.get_freeze_count()]))
"""
WHAT_A_FORK_CANNOT_TAKE_OVER = """
import json, os, stat, threading
before = set(os.listdir("/dev/fd"))
import riskregister.wsgi
from django.db import connections
opened = [one for one in set(os.listdir("/dev/fd")) - before if os.path.exists(f"/dev/fd/{one}")]
sockets = [one for one in opened if stat.S_ISSOCK(os.fstat(int(one)).st_mode)]
connected = [one.alias for one in connections.all(initialized_only=True) if one.connection]
print(json.dumps([threading.active_count(), connected, sockets]))
"""


def test_it_has_loaded_all_doors_and_only_a_broker_that_is_there_and_put_them_out_of_the_way() -> None:
    done = subprocess.run([sys.executable, "-c", LOOK], cwd=settings.BASE_DIR, capture_output=True, check=True)
    loaded, frozen = json.loads(done.stdout)

    has_broker = bool(settings.REDIS_URL)
    assert loaded == [True, True, has_broker, has_broker]
    assert frozen > 100_000


def test_it_can_be_forked_once_it_is_loaded() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WHAT_A_FORK_CANNOT_TAKE_OVER], cwd=settings.BASE_DIR, capture_output=True, check=True
    )
    assert json.loads(done.stdout) == [1, [], []]


def test_it_is_loaded_once_however_it_is_run() -> None:
    with socket.socket() as listener:
        web, _jobs = serve.children(listener)
    image = (settings.BASE_DIR / "Dockerfile").read_text()
    guide = (settings.BASE_DIR / "docs" / "operations.md").read_text()
    by_hand = re.findall(r"^gunicorn riskregister\.wsgi .*$", guide, re.MULTILINE)

    assert "--preload" in web.command
    assert '"--preload"' in image
    assert by_hand
    assert all("--preload" in line for line in by_hand)
