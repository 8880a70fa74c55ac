"""What is kept in figures is marked once for each part that a change is of, and for the one that it leaves."""

import pytest
from django.test import TestCase

from accounts.models import PartMark
from tests import cast
from vendors.models import Server

pytestmark = pytest.mark.engine


class Marks(TestCase):
    """A server of Payments, of which nothing is marked."""

    def setUp(self) -> None:
        self.people = cast.assemble()
        self.server = cast.a_server(self.people)
        PartMark.objects.all().delete()

    def change(self, **fields: object) -> list[str]:
        """Return the parts that are marked once the server has changed: those of units, and that of all."""
        Server.objects.filter(pk=self.server.pk).update(**fields)
        return sorted(PartMark.objects.values_list("part", flat=True))

    def test_a_change_marks_each_part_once(self) -> None:
        assert self.change(is_in_use=True) == ["", self.people.payments.pk.hex]

    def test_what_goes_to_another_part_marks_both(self) -> None:
        units = (self.people.payments, self.people.research)
        assert self.change(unit=self.people.research) == ["", *sorted(unit.pk.hex for unit in units)]

    def test_what_is_not_counted_marks_nothing(self) -> None:
        assert self.change(title="Another") == []
