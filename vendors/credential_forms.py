"""What has the form of a credential in a text or an address. Pure, standard library alone, for Python 3.8 on.

It goes to other machines within the script that looks for servers in use (discovery/fleet), so that nothing is cut here
that would be sent there.
"""

import math
import re
from collections import Counter
from urllib.parse import parse_qsl, urlsplit

_SOUNDS_SECRET = re.compile(
    r"authori[sz]ation|cookie|tokens?$|secret|passw|passphrase|passcode|credential|\bpat$|[-_]pat$|\bpwd|[-_]pwd$|bearer"
    r"|api[-_]?key|private[-_]?key|access[-_]?key|encryption[-_]?key|signing[-_]?key|service[-_]?key|auth[-_]?key"
    r"|client[-_]?key|account[-_]?key|license[-_]?key|session[-_]?id|\bdsn$|[-_]dsn$|connection[-_]?string|apikey",
    re.IGNORECASE,
)
# Prefixes by which services mark their own credentials, so that scanners find them. What may begin again and again
# within a text, without an end, is bounded: else the time grows with the square of the text.
_MARKED = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}|npm_[A-Za-z0-9]{30,}"
    r"|sk-(?:[a-z]+-)*[A-Za-z0-9_-]{16,}|[sr]k_(?:live|test)_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9]{16,}"
    r"|xox[abeprs]-[A-Za-z0-9-]{10,}|(?:AKIA|ASIA)[A-Z0-9]{16}|AIza[A-Za-z0-9_-]{30,}|ya29\.[A-Za-z0-9_-]{20,}"
    r"|pypi-[A-Za-z0-9_-]{40,}|hf_[A-Za-z0-9]{20,}|dop_v1_[a-f0-9]{40,}|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"
    r"|eyJ[A-Za-z0-9_-]{8,4000}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*|tvly-[A-Za-z0-9-]{16,}|lin_api_[A-Za-z0-9]{20,}"
    r"|secret_[A-Za-z0-9]{32,}|ntn_[A-Za-z0-9]{30,})"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|\b[a-z][a-z0-9+.-]{0,40}://[^\s/@:{}]+:[^\s/@{}]+@"
    r"|\b(?:Bearer|Basic|Token)\s+(?=[A-Za-z+/_=.~-]*[0-9])[A-Za-z0-9+/_=.~-]{8,}",
)
FILLED_IN = re.compile(r"\$?\{[^{}]*\}|<[^<>]*>")
_ASSIGNED = re.compile(r"(?:^|[\s&?;,])(?:-e\s+|--?)?([A-Za-z][A-Za-z0-9_.-]*)[=:]\s*([^\s&;,{}<>$]+)")
_STANDS_FOR_ONE = re.compile(
    r"(?:your|my|the|some|example|insert|enter|replace|change|xx|\*\*|\.\.|true|false|none|null|pass(?:word|wd)?\b|pwd?\b"
    r"|user(?:name)?\b|secret\b|token\b|key\b)",
    re.IGNORECASE,
)
_PASSWORD_OF_ADDRESS = re.compile(r"://[^:]*:([^@]+)@\Z")
# What examples are made of, behind the prefix of a service: ghp_xxxx, sk-1234567890abcdef.
_COUNTED = "01234567890abcdefghijklmnopqrstuvwxyz 1234567890abcdef"
_WORD = re.compile(r"[A-Za-z0-9+]{20,}")
# Three of each: a generated key of twenty characters has that nearly always, a name in CamelCase or a digest does not.
_KINDS = (re.compile("[a-z]"), re.compile("[A-Z]"), re.compile("[0-9]"))
_OF_EACH = 3
_RANDOM_BITS = 3.5


def sounds_secret(name: object) -> bool:
    """Return whether a name says that its value is secret."""
    return isinstance(name, str) and _SOUNDS_SECRET.search(name) is not None


def is_in(text: str) -> bool:
    """Return whether a text holds what has the form of a credential; blanks to be filled in are none."""
    if marked_in(text):
        return True
    bare = FILLED_IN.sub(" ", text)
    if any(sounds_secret(name) and is_filled(value) for name, value in _ASSIGNED.findall(bare)):
        return True
    return any(_is_random(word) for word in _WORD.findall(bare))


def marked_in(text: str) -> bool:
    """Return whether a running text holds a credential of one of the forms that services mark as theirs."""
    return any(not is_example(found[0]) for found in _MARKED.finditer(FILLED_IN.sub("", text)))


def in_address(url: str) -> bool:
    """Return whether path or query of an address hold a credential; what cannot be read as an address holds none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    asked = [(name, FILLED_IN.sub("", value)) for name, value in parse_qsl(parts.query)]
    return marked_in(f"{parts.path}?{parts.query}") or any(
        (sounds_secret(name) and is_filled(value)) or is_in(value) for name, value in asked
    )


def is_example(text: str) -> bool:
    """Return whether what has the form of a credential is an example of one: `ghp_xxxx`, `https://user:password@…`."""
    if password := _PASSWORD_OF_ADDRESS.search(text):
        return not is_filled(password[1])
    rest = re.split(r"[_ -]", text)[-1]
    return bool(rest) and (len(set(rest.lower())) <= 2 or rest.lower() in _COUNTED or not is_filled(rest))


def is_filled(value: str) -> bool:
    """Return whether a value is more than a word that stands for one (`your-api-key`)."""
    return bool(value) and _STANDS_FOR_ONE.match(value) is None


def _is_random(word: str) -> bool:
    if any(len(kind.findall(word)) < _OF_EACH for kind in _KINDS):
        return False
    counts = Counter(word)
    return -sum(n / len(word) * math.log2(n / len(word)) for n in counts.values()) >= _RANDOM_BITS
