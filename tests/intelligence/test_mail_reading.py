"""What an e-mail as a file says, and that what is hidden in it is not read."""

from datetime import UTC, datetime

import pytest

from intelligence.reading import mail
from intelligence.reading.indicators import Unusable
from intelligence.reading.mail import Mail

PLAIN = (
    b"Message-ID: <1@news.example>\r\nFrom: Security <security@acme.example>\r\n"
    b"Date: Thu, 01 Jan 2026 10:00:00 +0100\r\n"
    b"Subject: =?utf-8?q?Breach_of_Acme?=\r\n notice\r\n\r\nSee https://status.acme.example/1.\r\nRegards\r\n"
)


def test_reads_who_wrote_what():
    found = mail.read(PLAIN)

    assert found == Mail(
        key="<1@news.example>", subject="Breach of Acme notice", sender="security@acme.example",
        sent_at=datetime(2026, 1, 1, 9, tzinfo=UTC), text="See https://status.acme.example/1.\nRegards",
        links=("https://status.acme.example/1.",), attached=0,
    )  # fmt: skip
    assert mail.domains(found) == ["acme.example", "status.acme.example"]


def test_bytes_that_are_no_text_are_replaced():
    raw = PLAIN.replace(b"=?utf-8?q?Breach_of_Acme?=\r\n notice", b"Breach \xff\xfe").replace(b"Regards", b"\xff")

    found = mail.read(raw)
    assert (found.subject.startswith("Breach "), found.subject.isprintable()) == (True, True)
    (found.subject + found.text).encode()


def test_of_html_only_what_is_shown_is_read():
    raw = (
        b"Message-ID: <2@x>\nFrom: a@acme.example\nContent-Type: text/html; charset=utf-8\n\n"
        b"<html><head><title>t</title></head><body><p>Hello &lt;b&gt;</p><script>alert(1)</script>"
        b"<a href='https://acme.example/n'>news</a></body></html>"
    )

    assert mail.read(raw).text == "Hello <b>\nhttps://acme.example/n news"


def test_what_is_no_mail_is_refused():
    for raw in (b"", b"From: a@b.example\n\nno id", b"\x00\xff", b"Message-ID: <1@x>\n\nnobody"):
        with pytest.raises(Unusable, match="no e-mail"):
            mail.read(raw)


def test_a_huge_mail_is_refused():
    with pytest.raises(Unusable, match="more than 4 MB"):
        mail.read(PLAIN + b"x" * mail.MAIL_LIMIT)
