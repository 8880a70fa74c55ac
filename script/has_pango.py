"""Exit 0 when the libraries that WeasyPrint loads at import can be loaded, else 1.

Importing WeasyPrint itself would tell the same and takes 1.2 to 1.9 s; this takes 0.03 s.
"""

import ctypes
import sys

LINUX = ("libgobject-2.0.so.0", "libpango-1.0.so.0", "libharfbuzz.so.0", "libfontconfig.so.1", "libpangoft2-1.0.so.0")
MACOS = (
    "libgobject-2.0.dylib",
    "libpango-1.0.dylib",
    "libharfbuzz.dylib",
    "libfontconfig.dylib",
    "libpangoft2-1.0.dylib",
)


def is_there(library: str) -> bool:
    """Return whether the dynamic loader finds the library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(not all(map(is_there, MACOS if sys.platform == "darwin" else LINUX)))
