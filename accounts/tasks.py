"""What workers do for the room."""

from datetime import timedelta

from django.db.models.functions import TruncDate
from django.utils import timezone

from accounts import repeats
from accounts.models import ApiToken, Membership, User
from accounts.sign_in import links, notices
from jobs import dated, queue, tasks


@queue.handler("accounts.requests", every=timedelta(hours=1))
def forget_old_requests(job: queue.Running) -> None:
    """Forget what was done under keys more than a day ago."""
    with job.finish():
        repeats.forget_old(now=timezone.now())


@queue.handler("accounts.password_link", words="Mail a link to set a password")
def send_password_link(job: queue.Running) -> None:
    """Mail a link to whoever has the address, if anybody does; the link is made here, so that no job holds one."""
    person = User.objects.filter(email__iexact=job.payload["email"], is_active=True).first()
    if person:
        links.send(person, message_id=f"password-{job.id}")
    with job.finish():
        if person:
            now = timezone.now()
            notices.tell(notices.former_address(person, now=now), notices.SENT, person=person, now=now)


@queue.handler("accounts.notice")
def send_notice(job: queue.Running) -> None:
    """Mail an address of somebody what was done to their account."""
    links.send_notice(job.payload["email"], job.payload["what"], message_id=f"notice-{job.id}")
    with job.finish():
        pass


tasks.tell_days_of(
    dated.Dated(
        "token",
        lambda: ApiToken.objects.filter(revoked_at=None).annotate(last_day=TruncDate("expires_at")),
        day="last_day",
        ahead="token.expiring",
        passed="token.expired",
        before=(14, 0),
        # Whoever made one for two weeks or less knows that it is short.
        since="created_at",
    ),
    dated.Dated(
        "role",
        lambda: Membership.objects.filter(user__is_active=True).select_related("user", "unit"),
        day="valid_until",
        ahead="role.ending",
        passed="role.ended",
        before=(14, 0),
    ),
)
