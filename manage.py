#!/usr/bin/env python3
"""Run a management command of the register, e.g. `python manage.py migrate`."""

import os
import sys

from django.core.management import execute_from_command_line

from riskregister.env import Misconfigured

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "riskregister.settings")
    try:
        execute_from_command_line(sys.argv)
    except Misconfigured as error:
        sys.exit(str(error))
