"""What the clock asks about the people who hold the work."""

from datetime import timedelta

from django.utils import timezone

from accounts import access, letters
from accounts.letters import Letter
from accounts.models import Role, User
from audit import context
from jobs import queue
from work.in_hand import handover, orphans, week
from work.supply_chain import history, keeping

letters.declare(
    Letter(
        "weekly",
        "Your week",
        "You manage a unit.",
        people=lambda: access.people_with([Role.MANAGER], unit_id=None),
        sections=week.sections,
    )
)


@queue.handler("work.handover", every=timedelta(hours=1))
def sweep_what_nobody_can_do(running: queue.Running) -> None:
    """Give on what people hold whose role for it has ended, and say which servers need another owner."""
    now = timezone.now()
    orphans.hand_over(now=now)
    orphans.report_servers(now=now)


@queue.handler("work.levels", every=timedelta(minutes=5), words="Work out how servers stand in the supply chain")
def follow_levels(running: queue.Running) -> None:
    """Bring the levels of servers up to date, so that whoever looks seldom has to; done twice it finds nothing more."""
    keeping.follow(now=timezone.now())


@queue.handler("work.health_day", every=timedelta(hours=3), words="Write down how the supply chain stands today")
def take_health(running: queue.Running) -> None:
    """Write the row of the day for each unit that has none yet; done twice it writes none."""
    now = timezone.now()
    keeping.follow(now=now)
    history.take(now=now)


@queue.handler(handover.REST, words="Hand over the rest of somebody’s work")
def hand_over_the_rest(running: queue.Running) -> None:
    """Give on what somebody who left still holds; tried again, it goes on where it was."""
    payload = running.payload
    person, to = (User.objects.filter(pk=key).first() if key else None for key in (payload["person"], payload["to"]))
    if person is not None:
        handover.let_go(person, to=to, by=context.actor(), now=timezone.now())
