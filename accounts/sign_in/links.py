"""Links by which people set a password, and the mail that brings one."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.models import User
from accounts.sign_in import passwords


def set_password_link(user: User) -> str:
    """Return the full address of a one-time link that lives 72 hours."""
    return f"{settings.ORIGIN}{reverse('web:set-password', args=passwords.link_parts(user))}"


def send(user: User, *, message_id: str) -> None:
    """Mail the person a link; raises OSError when the mail server does not take it.

    Sent twice, it carries the same Message-ID, by which mail programs know a copy.
    """
    parts = {"person": user, "link": set_password_link(user), "organisation": settings.ORGANISATION}
    EmailMessage(
        subject="Set your password for the MCP risk register",
        body=render_to_string("email/set_password.txt", parts),
        to=[user.email],
        headers={"Message-ID": f"<{message_id}@{settings.MESSAGE_ID_DOMAIN}>", "Auto-Submitted": "auto-generated"},
    ).send()


def send_notice(address: str, what: str, *, message_id: str) -> None:
    """Mail an address what was done to the account that it is or was of; raises OSError as `send` does."""
    parts = {"what": what, "organisation": settings.ORGANISATION, "origin": settings.ORIGIN}
    EmailMessage(
        subject="Your account of the MCP risk register",
        body=render_to_string("email/account_notice.txt", parts),
        to=[address],
        headers={"Message-ID": f"<{message_id}@{settings.MESSAGE_ID_DOMAIN}>", "Auto-Submitted": "auto-generated"},
    ).send()


def where(person: User) -> str:
    """Return in words where a link that was just sent to the person is: on its way, or in a file of this machine."""
    if mail_goes_to_files():
        return f"The mail to {person.email} is a file on this installation: make a link to copy, and hand it over."
    return f"A link is on its way to {person.email}."


def mail_goes_to_files() -> bool:
    """Return whether this installation writes mail to files, so that links must be handed over by hand."""
    return settings.EMAIL_BACKEND.endswith("filebased.EmailBackend")
