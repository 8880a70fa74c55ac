"""Seals each second until it is ended, as a worker of its own; for the measure of what a step pays beside it."""

import time

import django
from django.utils import timezone

django.setup()

from seal import sealing  # noqa: E402 - models can be imported from here on

if __name__ == "__main__":
    while True:
        sealing.seal(now=timezone.now())
        time.sleep(1)
