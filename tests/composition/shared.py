"""Where the real data lies that tests of this room read, where it is there at all."""

from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR).parent / "shared" / "data"


def needs(folder: str) -> pytest.MarkDecorator:
    """Return the mark of a test that reads a folder of the shared data."""
    path = ROOT / folder
    return pytest.mark.skipif(not path.is_dir(), reason=f"The shared data is not here: {path}.")
