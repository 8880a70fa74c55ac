"""Run the register on this machine with one command: web server and background jobs."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from operations import data_folder
from operations.supervisor import Child, die_with, supervise
from riskregister import env

LOOPBACK = {"127.0.0.1", "::1", "localhost"}
DEMO_LOGINS = "demo-logins.txt"
# Not news here: the one account of a small machine may be root.
QUIET = "ignore:You're running the worker with superuser privileges"
MANAGE = settings.BASE_DIR / "manage.py"


class Command(BaseCommand):
    """Migrates, loads the demo organisation the first time, and runs gunicorn and a worker until Ctrl-C."""

    help = "Run the register on this machine: web server and background jobs."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare --empty."""
        parser.add_argument("--empty", action="store_true", help="Start without the demo organisation.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve until stopped; refuse when the port or the data folder is in use."""
        require_writable(settings.DATA_DIR)
        # Held until the process ends, however it ends.
        lock = lock_data_folder(settings.DATA_DIR)
        listener = listen(env.text("RISKREGISTER_BIND"), env.number("PORT"))
        address = f"http://localhost:{listener.getsockname()[1]}"
        os.environ.setdefault("RISKREGISTER_ORIGIN", address)
        try:
            # Also when no migration is new: what follows each of them publishes a new version of the question set.
            call_command("migrate", verbosity=0, interactive=False)
            self._first_start(empty=options["empty"])
        except KeyboardInterrupt:
            raise CommandError("Stopped before the register was ready. Start again to go on.", returncode=130) from None
        self._greet(os.environ["RISKREGISTER_ORIGIN"])
        supervise(children(listener), say=self._say)
        self._say("Stopped.")
        lock.close()

    def _first_start(self, *, empty: bool) -> None:
        """Fill a register that knows nobody; print a new link while its first administrator has set no password."""
        people = get_user_model()._default_manager
        if people.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX).exists():
            return
        if empty or people.exists():
            manage("first_administrator")
            return
        if env.text("RISKREGISTER_BIND") not in LOOPBACK:
            raise CommandError(
                "The demo organisation has printed passwords and is for this machine only. "
                "Set RISKREGISTER_BIND to 127.0.0.1, or start with --empty."
            )
        self._say("Building the demo organisation, once ...")
        manage("load_demo", "--no-logins")

    def _greet(self, address: str) -> None:
        logins = settings.DATA_DIR / DEMO_LOGINS
        if logins.exists():
            self._say(logins.read_text().rstrip())
        self._say(f"\nThe register runs at {address}\nData: {settings.DATA_DIR}   Stop: Ctrl-C")

    def _say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()


def manage(command: str, *options: str) -> None:
    """Run a management command in a process of its own; raise CommandError when it fails.

    It sees the address that was chosen only now, and what it needs of memory ends with it.
    """
    done = subprocess.run(
        [sys.executable, str(MANAGE), command, *options],
        check=False,
        preexec_fn=die_with(os.getpid(), number=signal.SIGTERM),
    )
    if done.returncode:
        raise CommandError(f"{command} did not succeed; the lines above say why. Nothing was started.")


def require_writable(folder: Path) -> None:
    """Make the data folder; raise CommandError when it cannot be made or nothing can be written to it."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        found = data_folder.sentence(folder)
    except OSError as error:
        found = f"The data folder {folder} cannot be made: {error.strerror}. Set RISKREGISTER_DATA_DIR to another one."
    if found:
        raise CommandError(found)


def lock_data_folder(folder: Path) -> IO[str]:
    """Return the open lock file of the data folder; raise CommandError when another instance holds it."""
    handle = (folder / "serve.lock").open("a+")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.seek(0)
        raise CommandError(
            f"The register already runs on {folder} (process {handle.read().strip() or 'unknown'}). "
            "Stop it first, or set RISKREGISTER_DATA_DIR to another folder."
        ) from None
    handle.truncate(0)
    handle.write(str(os.getpid()))
    handle.flush()
    return handle


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; raise CommandError when the port is taken or not allowed.

    It outlives a web server that is started again, so that visitors wait instead of being refused.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(256)
    except (OSError, OverflowError) as error:
        raise CommandError(
            f"Port {port} on {host} cannot be used ({error}). Choose another: PORT=8010 script/server"
        ) from None
    return listener


def children(listener: socket.socket) -> list[Child]:
    """Return the web server and the worker, ready to be supervised."""
    number = listener.fileno()
    # fmt: off
    web = [
        sys.executable, "-m", "gunicorn", "riskregister.wsgi", "--config", "python:operations.web_server",
        "--bind", f"fd://{number}", "--worker-class", "operations.web_server.PatientWorker",
        "--workers", str(env.number("WEB_CONCURRENCY", at_least=1)), "--threads", "4",
        # Loaded once, before it forks: workers share what they only read (docs/adr/0059).
        "--preload",
        "--chdir", str(settings.BASE_DIR), "--graceful-timeout", "5", "--log-level", "warning", "--no-control-socket",
        # Else gunicorn takes SCRIPT_NAME and PATH_INFO from the headers of whoever is on this machine.
        "--forwarded-allow-ips", "",
    ]
    # fmt: on
    worker = [sys.executable, str(MANAGE), "runworker"]
    worker.append("--beat" if settings.REDIS_URL else "--embedded")
    environment = {**os.environ, "PYTHONWARNINGS": QUIET}
    return [
        Child("web", web, environment, inherited_files=[number]),
        Child("jobs", worker, environment),
    ]
