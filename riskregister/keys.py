"""The keys of an installation that was given none: they lie in its data folder, never in its database."""

import base64
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from riskregister.env import Misconfigured

_NOT_WRITTEN = (
    "The keys of this installation cannot be written to the data folder {folder}: {why}. "
    "Mend that, or set RISKREGISTER_DATA_DIR to another folder."
)


def secret_key(given: str, *, folder: Path) -> str:
    """Return the given key, else the one kept in `folder`, which is made (mode 0600) at first use."""
    return given or _kept(folder, "secret_key", lambda: secrets.token_urlsafe(50))


def seal_key(given: str, *, folder: Path) -> str:
    """Return the same of the key that seals the trail: 32 random bytes in base64."""
    return given or _kept(folder, "seal_key", lambda: base64.b64encode(secrets.token_bytes(32)).decode())


def _kept(folder: Path, name: str, make: Callable[[], str]) -> str:
    path = folder / name
    if not path.exists():
        # The database and its sessions will lie here too: nobody else on the machine may look in.
        draft = folder / f"{name}.{os.getpid()}"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft.touch(mode=0o600)
            draft.write_text(make())
        except OSError as error:
            raise Misconfigured(_NOT_WRITTEN.format(folder=folder, why=error.strerror)) from None
        try:
            # A link, not a rename: of two processes that start at once the second keeps the first one's key.
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()
