"""Of which ecosystems a feed has all advisories: the same for a list of all components, and for those of one server."""

import pytest

from composition import coverage
from tests.cast import NOON
from tests.composition.advisories import publish
from tests.composition.feeding import a_fresh_feed
from tests.tables import for_each

pytestmark = [pytest.mark.engine, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _told(time_machine):
    time_machine.move_to(NOON, tick=False)
    feed = a_fresh_feed()
    publish("GHSA-1", feed=feed)
    publish("DSA-1", "curl", ecosystem="Debian:12", feed=feed)
    publish("RHSA-1", "curl", ecosystem="Red Hat:8::baseos", feed=feed)
    publish("GHSA-2", "requests", ecosystem="PyPI")


@for_each("ecosystem, is_covered", [
    ("npm", True),
    ("Debian:12", True),
    ("Debian", True),
    ("Red Hat:8", True),
    ("Red Hat:8::baseos", True),
    ("Debian:1", False),
    ("Debian:13", False),
    ("Red", False),
    ("PyPI", False),
    ("", False),
])  # fmt: skip
def test_an_ecosystem_is_covered_by_a_feed_that_tells_of_it_or_of_a_part_of_it(ecosystem, is_covered):
    assert (coverage.among([ecosystem]) == [ecosystem], ecosystem in coverage.covered()) == (is_covered, is_covered)
