"""Static files as pages load them: those that were collected, else those of the source tree."""

from pathlib import Path
from typing import Any

from whitenoise.middleware import WhiteNoiseMiddleware

_found: dict[tuple[str, int | None], dict[str, Any]] = {}


class StaticFiles(WhiteNoiseMiddleware):  # type: ignore[misc]
    """Answers requests for static files; a process looks for them once, however many handlers it makes."""

    def add_files(self, root: Any, prefix: str | None = None) -> None:
        """List a folder, unless it is not there: before `collectstatic` the finders list what is served."""
        if self.autorefresh or Path(root).is_dir():
            super().add_files(root, prefix)

    def add_files_from_finders(self) -> None:
        """List what the apps and the source tree bring."""
        key = (self.static_prefix, self.max_age)
        if key not in _found:
            super().add_files_from_finders()
            _found[key] = dict(self.files)
        self.files |= _found[key]
