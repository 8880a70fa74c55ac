"""Whether the data folder can be written to: the database, evidence, keys and uploads lie there."""

import os
import shutil
from pathlib import Path

from riskregister import limits

# Two uploads of the largest size, and what the database writes beside them.
ROOM = 64 * limits.MIB


def trouble(folder: Path) -> str:
    """Return "full" or "read-only", empty for a folder that can be written to."""
    if os.statvfs(folder).f_flag & os.ST_RDONLY or not os.access(folder, os.W_OK | os.X_OK):
        return "read-only"
    return "full" if shutil.disk_usage(folder).free < ROOM else ""


def sentence(folder: Path) -> str:
    """Return what keeps the register from starting on the folder and what to do, empty when nothing does."""
    found = trouble(folder)
    if found == "read-only":
        return (
            f"Nothing can be written to the data folder {folder}. Give this account the right, or name another folder."
        )
    if found:
        free = shutil.disk_usage(folder).free // limits.MIB
        return (
            f"The disk of the data folder {folder} has {free} MB left, and {ROOM // limits.MIB} are needed. Make room."
        )
    return ""
