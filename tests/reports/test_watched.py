"""What the report on the risk register says of continuous monitoring."""

from datetime import timedelta

import pytest

from composition import hits
from composition.comparison import comparing
from composition.inventories import taking
from composition.models import Comparison
from feeds.models import Feed
from reports import issuing, render, requests
from tests import cast
from tests.cast import NOON
from tests.composition.advisories import publish
from tests.composition.inventories import EXPRESS, QS, listing
from vendors.registering import registration

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_the_report_says_how_servers_stand_what_is_open_and_what_is_fresh(time_machine):
    time_machine.move_to(NOON, tick=False)
    people = cast.assemble()
    release = cast.a_release(people)
    feed = Feed.objects.create(
        kind="osv", where="folder", place="osv/npm", name="OSV npm", switched_at=NOON - DAY, number=1,
        last_success_at=NOON, silent_after=3 * DAY,
    )  # fmt: skip
    publish("GHSA-1", feed=feed)
    taking.take(
        release, listing(EXPRESS, QS), b"{}", file_name="lock.json", scope="lock", by=people.alice, now=NOON
    )  # fmt: skip
    comparing.compare_changed(now=NOON)
    for row in Comparison.objects.filter(is_due=True):
        hits.compare(row.server, now=NOON)
    registration.register_server(
        unit=people.research, name="com.example/other", title="Other", by=people.eve, now=NOON
    )  # fmt: skip

    report = requests.request_register_report(unit=people.payments, by=people.mia, now=NOON)
    issuing.read(report, now=NOON)
    data = issuing.data_of(report)
    watched = data["watched"]

    assert watched["servers"] == 1
    assert [(row["level"], row["state"], row["count"]) for row in watched["levels"] if row["level"] == "Packages"] == [
        ("Packages", "Affected", 1), ("Packages", "Unknown", 0), ("Packages", "None known", 0),
    ]  # fmt: skip
    high = {"severity": "high", "overdue": 0, "due_soon": 0, "in_time": 1, "total": 1, "took": ""}
    assert watched["vulnerabilities"][1] == high
    told = {row["name"]: (row["what"], row["state"], row["at"]) for row in watched["sources"]}
    assert told["OSV npm"] == ("Advisories (OSV)", "fresh", NOON.isoformat())
    assert told["Look-up in PyPI"] == ("Collector", "never", "")
    html = next(iter(render.parts(data, ref=report.ref, data_digest=report.data_digest, text=report.data))).html
    assert "How 1 server that is neither retired nor rejected stood" in html
