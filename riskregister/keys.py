"""The secret key of an installation that was given none."""

import os
import secrets
from pathlib import Path


def secret_key(given: str, *, folder: Path) -> str:
    """Return the given key, else the one kept in `folder`, which is made (mode 0600) at first use."""
    if given:
        return given
    path = folder / "secret_key"
    if not path.exists():
        # The database and its sessions will lie here too: nobody else on the machine may look in.
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = folder / f"secret_key.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(50))
        try:
            # A link, not a rename: of two processes that start at once the second keeps the first one's key.
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()
