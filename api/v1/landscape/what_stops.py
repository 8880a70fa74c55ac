"""What stops if something stops, below its own address."""

from datetime import datetime
from typing import Any

from rest_framework import serializers

from api.fields import Choice
from api.views import Noun, part
from landscape import impact
from landscape.impact import NAMED, WORDS, Impact


class StoppedOut(serializers.Serializer[Any]):
    """Something that stops, how it hangs on what stopped before it, and what stands in for that (empty: nothing)."""

    id = serializers.UUIDField(source="row.pk")
    name = serializers.CharField(source="row")
    how = serializers.CharField()
    stand_in = serializers.CharField()


class GroupOut(serializers.Serializer[Any]):
    """What stops of one kind: how many surely, how many only when a stand-in fails too, and the first of them."""

    kind = Choice(choices=list(WORDS))
    surely = serializers.IntegerField()
    perhaps = serializers.IntegerField()
    named = StoppedOut(many=True, help_text=f"at most {NAMED}")


class WhatStopsOut(serializers.Serializer[Any]):
    """What stops, as far as it is on record and the caller may see it.

    `shortest_recovery_hours` is how soon the first of the processes that surely stop must go on, null where nobody
    knows it of any; of `recovery_unknown` of them nobody does.
    """

    shortest_recovery_hours = serializers.IntegerField(allow_null=True, source="recovery.shortest")
    recovery_unknown = serializers.IntegerField(source="recovery.unknown")
    groups = GroupOut(many=True)


class WithWhatStops(Noun[Any]):
    """Adds what stops if an object of the endpoint stops."""

    @part("what-stops", shows=WhatStopsOut)
    def what_stops(self, row: Any, *, now: datetime) -> Impact:
        """Return what stops if it stops, as far as it is on record and the caller may see it."""
        return impact.of(row, self.person)
