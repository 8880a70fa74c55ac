"""How long the keys in a text of TOML are: Python's reader takes time and memory that grow with the square of it.

A key of 20,000 parts, 40 KB, takes it 3 s and 1.5 GB.
"""

from __future__ import annotations

import re

MOST_PARTS = 50
# Strings and comments, in which points stand for nothing; one that is not closed goes on to the end.
_ASIDE = re.compile(r"\"\"\".*?(?:\"{3,5}|\Z)|'''.*?(?:'{3,5}|\Z)|\"[^\"\n]*\"?|'[^'\n]*'?|#[^\n]*", re.DOTALL)


def line_of_long_key(text: str) -> int:
    """Return the number of a line with a key of more than MOST_PARTS parts, 0 where there is none.

    The line is counted without those within texts of several lines.
    """
    # Of escapes a pattern would remember each one.
    bare = _ASIDE.sub("", text.replace("\\\\", "__").replace('\\"', "__"))
    return next((number for number, line in enumerate(bare.split("\n"), 1) if line.count(".") >= MOST_PARTS), 0)
