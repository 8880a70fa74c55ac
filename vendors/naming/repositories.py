"""What a repository is called wherever its address is written, with or without `.git` or a page in it. Pure."""

from urllib.parse import urlsplit

# What follows the name of a repository in the address of a page in it.
_PAGES = ("tree", "blob", "releases", "-")


def name_of(url: str) -> str:
    """Return host, owner and name of a repository in small letters, such as "github.com/example/weather".

    That is empty for an address that does not name a repository of an owner.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return ""
    words = [word for word in parts.path.split("/") if word]
    ends = next((place for place, word in enumerate(words) if place > 1 and word in _PAGES), len(words))
    name = "/".join(words[:ends]).removesuffix(".git")
    return f"{host}/{name}".lower() if host and ends == 2 else ""
