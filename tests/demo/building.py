"""Build the demo organisation in a data folder: `python -m tests.demo.building MOMENT`."""

import os
import sys
from datetime import datetime

import django


def main(moment: str) -> None:
    """Build it up to the moment."""
    from demo import build  # noqa: PLC0415 - before it the settings must be ready.

    build.build(now=datetime.fromisoformat(moment), progress=lambda month: None)


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "riskregister.settings"
    django.setup()
    main(sys.argv[1])
