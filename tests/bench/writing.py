"""Where figures are written, and of which commit they are."""

import subprocess

from riskregister import env

DOCUMENT = env.BASE_DIR / "docs" / "performance.md"


def put(text: str, begin: str, end: str) -> None:
    """Write figures between two marks of docs/performance.md."""
    before, rest = DOCUMENT.read_text().split(begin)
    DOCUMENT.write_text(f"{before}{begin}\n{text}\n{end}{rest.split(end)[1]}")


def commit() -> str:
    """Return the commit that is measured."""
    shown = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return shown.stdout.strip() or "unknown"
