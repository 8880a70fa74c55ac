"""An e-mail as a file (`.eml`): who wrote when about what, in plain text. What is attached is counted, not read."""

import email
import email.policy
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import parseaddr
from html.parser import HTMLParser

from intelligence.reading import indicators, values
from intelligence.reading.indicators import NotSo, Tlp, Unusable

MAIL_LIMIT = 4 * 1024 * 1024
_MOST_PARTS = 200
_BLOCKS = frozenset({"p", "div", "br", "tr", "li", "h1", "h2", "h3"})


@dataclass(frozen=True, slots=True)
class Mail:
    """A message: `key` names it for ever (its Message-ID), `links` are the addresses in it, `attached` how many files.
    `tlp` is the strictest marking that its subject and its text name.

    Anybody can write anything into a message, the sender too: it is what somebody received, and proves nothing.
    """

    key: str
    subject: str
    sender: str
    sent_at: datetime | None
    text: str
    links: tuple[str, ...]
    attached: int
    tlp: Tlp | None = None


def read(raw: bytes) -> Mail:
    """Return a message. Raises Unusable for what is none."""
    if len(raw) > MAIL_LIMIT:
        raise Unusable(f"The message has more than {MAIL_LIMIT // 1024**2} MB. Take it without what is attached.")
    message = email.message_from_bytes(raw, EmailMessage, policy=email.policy.default)
    key = str(message.get("Message-ID") or "").strip()
    if not key or not message.get("From"):
        raise Unusable("The file is no e-mail: it has no Message-ID, or nobody wrote it. Save it as .eml.")
    written = _text(message)
    return Mail(
        key=indicators.text(key, indicators.ID_LIMIT),
        subject=indicators.text(" ".join(str(message.get("Subject") or "").split()), indicators.TITLE_LIMIT),
        sender=indicators.text(parseaddr(str(message["From"]))[1], 320),
        sent_at=_sent_at(message),
        text=indicators.text(written, 20_000),
        links=tuple(dict.fromkeys(re.findall(r"https?://[^\s<>\"')\]]+", written)))[:100],
        attached=sum(1 for _ in message.iter_attachments()),
        tlp=indicators.tlp_in(f"{message.get('Subject')}\n{written}"),
    )


def domains(mail: Mail) -> list[str]:
    """Return the domains that a message comes from and leads to, the sender's first."""
    found: list[str] = []
    for address in (mail.sender.rpartition("@")[2], *(link.partition("://")[2] for link in mail.links)):
        try:
            found.append(values.domain(re.split(r"[/:?#]", address)[0].rpartition("@")[2]))
        except NotSo:
            continue
    return list(dict.fromkeys(found))


def _sent_at(message: EmailMessage) -> datetime | None:
    at = getattr(message.get("Date"), "datetime", None)
    if not isinstance(at, datetime):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _text(message: EmailMessage) -> str:
    if sum(1 for _ in message.walk()) > _MOST_PARTS:
        raise Unusable(f"The message has more than {_MOST_PARTS} parts.")
    body = message.get_body(("plain", "html"))
    if body is None:
        return ""
    try:
        written = str(body.get_content())
    except (LookupError, ValueError) as error:
        raise Unusable(f"The text of the message cannot be read: {error}.") from error
    return _Plain.of(written) if body.get_content_subtype() == "html" else written.replace("\r\n", "\n").strip()


class _Plain(HTMLParser):
    """Takes the text out of a message in HTML, without scripts and styles; of a link its address too."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.silent = 0

    @classmethod
    def of(cls, html: str) -> str:
        """Return the text."""
        parser = cls()
        parser.feed(html)
        parser.close()
        lines = ("".join(parser.words)).splitlines()
        return "\n".join(line for line in (" ".join(one.split()) for one in lines) if line)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a link, and what shows nothing."""
        if tag in ("script", "style", "head"):
            self.silent += 1
        elif tag == "a":
            self.words.append(f" {dict(attrs).get('href') or ''} ")
        elif tag in _BLOCKS:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """Note where it ends."""
        if tag in ("script", "style", "head"):
            self.silent = max(self.silent - 1, 0)
        elif tag in _BLOCKS:
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        """Keep what is shown."""
        if not self.silent:
            self.words.append(data)
