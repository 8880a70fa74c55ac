"""How a package is named in one text, in addresses and in the API: by its ecosystem and its name.

An ecosystem may have colons of its own, as "Ubuntu:22.04:LTS"; none has a bar.
"""


def key(ecosystem: str, name: str) -> str:
    """Return the text that names a package."""
    return f"{ecosystem}|{name}"


def read(text: str) -> tuple[str, str]:
    """Return the ecosystem and the name that a text names, the name empty in one that names none."""
    ecosystem, _, name = text.partition("|")
    return ecosystem, name
