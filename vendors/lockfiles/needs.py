"""Collects which package needs which, as a lock file says it. Pure."""

from collections.abc import Iterable, Mapping

from vendors.lockfiles import locked
from vendors.lockfiles.locked import Needs

# Real files have some 10,000. Names that each stand in a file a thousand times would make a thousand million.
MOST = 500_000
_SHOWN = 5


def without_roots(refs: Iterable[str], requires: Mapping[str, tuple[str, ...]]) -> Needs:
    """Return the needs of a file that does not say what the project needs itself."""
    needed = {one for ref, needs in requires.items() for one in needs if one != ref}
    return Needs(requires=requires, roots=tuple(ref for ref in refs if ref not in needed))


class Collected:
    """Collects who needs whom, and what is needed and not there."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._requires: dict[str, dict[str, None]] = {}
        self._missing: dict[str, None] = {}
        self._count = 0

    def add(self, ref: str, needs: Iterable[str]) -> None:
        """Note that a package needs others. Raises LockFileInvalid when they are more than any real file has."""
        mine = self._requires.setdefault(ref, {})
        for one in needs:
            self._count += 1
            if self._count > MOST:
                locked.refuse(f"The packages need more than {MOST} others. Check that it is the right file.")
            mine[one] = None

    def miss(self, who: str, what: str) -> None:
        """Note that somebody needs what the file does not list."""
        self._missing[f"{who[:60] or 'The project'} needs {what[:60]!a}"] = None

    @property
    def requires(self) -> dict[str, tuple[str, ...]]:
        """Return what each needs, in the order in which it was said."""
        return {ref: tuple(needs) for ref, needs in self._requires.items() if needs}

    @property
    def remarks(self) -> tuple[str, ...]:
        """Return in words what is needed and not there."""
        shown = list(self._missing)[:_SHOWN]
        more = len(self._missing) - len(shown)
        names = "; ".join(shown) + (f"; and {more} more" if more else "")
        return (f"Not listed in the file, and not followed: {names}.",) if shown else ()
