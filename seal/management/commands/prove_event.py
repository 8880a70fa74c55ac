"""Write the proof of an event, a report or evidence, to be checked without the register."""

import json
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from audit.models import Event
from riskregister.refusals import Refused
from seal import proofs, sealing


class Command(BaseCommand):
    """Prints the proof as JSON, and nothing else, so that a script can keep it."""

    help = "Print the proof that an event, the issuing of a report, or the adding of evidence is in the sealed trail."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what is to be proved."""
        parser.add_argument("what", help="an event's id, or the number of a report or of evidence: RP-7, E-12")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the proof; raise CommandError when nothing of that name happened."""
        sealing.seal_stragglers(now=timezone.now())
        event = _event(options["what"])
        if event is None:
            raise CommandError(f"Nothing is known of {options['what']}. Give an event's id, or a number such as RP-7.")
        try:
            self.stdout.write(json.dumps(proofs.of_event(event), ensure_ascii=False, indent=1))
        except Refused as refusal:
            raise CommandError(refusal.message) from refusal


def _event(what: str) -> Event | None:
    try:
        return Event.objects.filter(pk=UUID(what)).first()
    except ValueError:
        verbs = ("report.issued", "evidence.added")
        named = Event.objects.filter(verb__in=verbs, object_label__istartswith=f"{what} ")
        return named.order_by("-pk").first()
