"""Whether two legal entities are written as the same one. Pure."""


def same_words(one: str, other: str) -> bool:
    """Return whether two texts say the same but for case, blanks and punctuation, as "Host Ltd." and "HOST LTD"."""
    return _folded(one) == _folded(other)


def differs(on_certificate: str, of_vendor: str) -> bool:
    """Return whether a certificate is of another legal entity than the vendor's; of an unknown one nobody can tell."""
    return bool(of_vendor) and not same_words(on_certificate, of_vendor)


def _folded(text: str) -> str:
    return " ".join(text.replace(".", " ").replace(",", " ").casefold().split())
