"""The supply chain's health: levels follow every change, and every number is the count of its list, for everybody."""

import csv
from datetime import timedelta
from io import StringIO
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.db import connection, transaction
from django.urls import reverse

from composition import hits
from composition.comparison import comparing
from composition.inventories import taking
from composition.models import Comparison, Hit, Inventory
from feeds.models import Feed
from findings.models import Finding
from monitoring.models import Observation, Run
from tests import cast
from tests.api.caller import Caller
from tests.cast import NOON
from tests.composition.advisories import EVERY, publish
from tests.composition.inventories import EXPRESS, OWN, QS, listed, listing
from tests.tables import for_each
from tests.web.signed_in import as_
from vendors.models import Release, Server
from work.models import LevelMark, ServerLevels
from work.supply_chain import keeping

pytestmark = [pytest.mark.engine, pytest.mark.django_db]
DAY = timedelta(days=1)
NPM = {"kind": "osv", "where": "folder", "place": "osv/npm", "switched_at": NOON - 30 * DAY, "number": 1}


@pytest.fixture
def people(time_machine):
    """Return the cast, with a server of Payments whose newest release needs qs 6.11.0, which an advisory hits."""
    time_machine.move_to(NOON, tick=False)
    made = cast.assemble()
    give(cast.a_release(made), EXPRESS, QS, by=made.alice)
    return made


def give(release, *parts, by, text=b"{}"):
    taking.take(release, listing(*parts), text, file_name="lock.json", scope="lock", by=by, now=NOON)
    compare()


def compare():
    comparing.compare_changed(now=NOON)
    for row in Comparison.objects.filter(is_due=True):
        hits.compare(row.server, now=NOON)


def feed(**facts):
    return Feed.objects.create(**{**NPM, "name": "OSV npm", "last_success_at": NOON, "silent_after": 3 * DAY, **facts})


def package():
    """Return the package level of the one server, once all was followed."""
    keeping.follow(now=NOON)
    row = ServerLevels.objects.get()
    return row.package, [words for _code, words in row.why.get("package", [])]


def fresh(advisory):
    type(advisory).objects.filter(pk=advisory.pk).update(feed=feed())
    compare()


def test_without_advisories_of_the_ecosystem_it_is_unknown_and_with_a_fresh_feed_affected(people):
    assert package() == ("unknown", ["No advisories of npm were taken in"])

    fresh(publish("GHSA-1"))

    assert package() == ("affected", ["1 vulnerability to judge or mend in 1 of 2 components"])


def test_a_package_that_is_named_as_a_whole_is_to_be_judged_where_it_stands(people):
    fresh(publish("MAL-1", ranges=EVERY))

    assert package() == ("affected", ["1 vulnerability to judge or mend in 1 of 2 components, 1 malicious"])


def _settle(_people):
    Finding.objects.update(status="dismissed", dismissed_at=NOON)


def _withdraw(people):
    taking.withdraw(Inventory.objects.get(), reason="A wrong one.", by=people.alice, now=NOON)


def _exploit(_people):
    Hit.objects.update(is_exploited=True)
    Comparison.objects.update(affected=2)


def _older(_people):
    Feed.objects.update(last_success_at=NOON - 4 * DAY)


AFFECTED = "1 vulnerability to judge or mend in 1 of 2 components"
CHANGES = {
    "its finding is dismissed": (_settle, "clear", []),
    "its inventory is withdrawn": (
        _withdraw, "affected", [AFFECTED, "No inventory says what the release is built from"],
    ),
    "it is exploited": (_exploit, "affected", ["1 vulnerability to judge or mend in 2 of 2 components, 1 exploited"]),
    "its feed falls silent": (
        _older, "affected", [AFFECTED, "The feed of npm, FD-1 OSV npm, is silent since 26 Feb 2026"],
    ),
    "its feed is switched off": (
        lambda _people: Feed.objects.update(status="off"), "affected",
        [AFFECTED, "The feed of npm, FD-1 OSV npm, is switched off"],
    ),
    "its feed brings only some of them": (
        lambda _people: Feed.objects.update(is_whole=False), "affected",
        [AFFECTED, "Only some advisories of npm were taken in: no feed has all of them"],
    ),
    "a component cannot be compared": (
        lambda people: give(Server.objects.get().releases.get(), QS, OWN, by=people.alice, text=b"{ }"), "affected",
        [AFFECTED, "1 of 2 components cannot be compared"],
    ),
}  # fmt: skip


@for_each("change", list(CHANGES))
def test_a_change_is_seen_at_once(people, change):
    step, state, why = CHANGES[change]
    # Each from the same register.
    with transaction.atomic():
        fresh(publish("GHSA-1"))
        assert package() == ("affected", [AFFECTED])

        step(people)

        assert package() == (state, why)
        transaction.set_rollback(True)


def test_a_version_that_no_advisory_can_be_compared_with_is_unknown_and_never_clear(people):
    give(Server.objects.get().releases.get(), listed("qs", "main"), by=people.alice, text=b"{ }")
    fresh(publish("GHSA-1"))

    assert package() == ("unknown", ["1 of 1 component cannot be compared"])


def test_what_people_judged_of_a_version_leaves_unknown_what_cannot_be_compared_with_it(people):
    publish("GHSA-2", versions=["main"])
    give(Server.objects.get().releases.get(), listed("qs", "main"), by=people.alice, text=b"{ }")
    fresh(publish("GHSA-1"))
    assert package() == (
        "affected",
        ["1 vulnerability to judge or mend in 1 of 1 component", "1 of 1 component cannot be compared"],
    )

    _settle(people)

    assert package() == ("unknown", ["1 of 1 component cannot be compared"])


# What levels follow from besides, each with another value of it.
MARKED = {
    "status of the server": lambda: Server.objects.update(status="suspended"),
    "tier of the server": lambda: Server.objects.update(inherent_tier=4),
    "release that is pinned": lambda: Server.objects.update(pinned_release=Release.objects.get()),
    "tools of the release": lambda: Release.objects.update(manifest_digest="0" * 64),
    "status of a look": lambda: Run.objects.update(status="failed", why="Nobody answered."),
    "end of a look": lambda: Run.objects.update(ended_at=NOON - DAY),
    "what is still seen": lambda: Observation.objects.update(is_seen=False),
    "how bad what is seen is": lambda: Observation.objects.update(severity=1),
    "finding of what is seen": lambda: Observation.objects.update(finding=None),
    "that it is to be compared": lambda: Comparison.objects.update(is_due=True),
    "what cannot be compared": lambda: Comparison.objects.update(unknown=2),
}


@for_each("what", list(MARKED))
def test_a_change_marks_its_server(people, what):
    with transaction.atomic():
        fresh(publish("GHSA-1"))
        keeping.follow(now=NOON)

        MARKED[what]()

        assert set(LevelMark.objects.values_list("part", flat=True)) == {Server.objects.get().pk.hex}
        transaction.set_rollback(True)


def test_whoever_waits_for_their_turn_reads_the_feeds_as_they_are_then(people):
    fresh(publish("GHSA-1"))

    def switched_off_meanwhile(execute, sql, *more):
        if sql.startswith('UPDATE "accounts_keptpart"'):
            Feed.objects.update(status="off")
        return execute(sql, *more)

    with connection.execute_wrapper(switched_off_meanwhile):
        assert keeping.follow(now=NOON) == 1

    assert ServerLevels.objects.get().why["package"][-1] == [
        "feed_old",
        "The feed of npm, FD-1 OSV npm, is switched off",
    ]
    assert keeping.follow(now=NOON) == 0


def test_what_the_clock_alone_changes_is_seen_too(people):
    fresh(publish("GHSA-1", package="left-pad"))
    Feed.objects.update(silent_after=timedelta())
    assert package() == ("clear", [])

    keeping.follow(now=NOON + 8 * DAY)

    row = ServerLevels.objects.get()
    assert (row.package, row.why["package"]) == (
        "unknown", [["stale", "Not compared with advisories since 2 Mar 2026"]],
    )  # fmt: skip


def test_followed_once_nothing_is_left_and_nothing_written(people, django_assert_num_queries):
    assert keeping.follow(now=NOON) == 1
    assert not LevelMark.objects.exists()

    # The feeds, what is kept, what the clock changed, and the marks.
    with django_assert_num_queries(4):
        assert keeping.follow(now=NOON) == 0


def test_a_server_that_is_registered_stands_in_the_list_at_once(people):
    cast.a_server(people, "com.example/new", title="New")
    rows = as_(people.alice).get(reverse("web:supply-chain-list")).context["list"].rows

    assert [(row.title, row.levels.package) for row in rows] == [("Weather", "unknown"), ("New", "unknown")]


@pytest.fixture
def hit(people):
    """Return the cast, with a second advisory that hits the server, which is critical and exploited."""
    fresh(publish("GHSA-1"))
    publish("GHSA-2", severity=1)
    compare()
    _exploit(people)
    return people


@for_each("who", ["ada", "mia", "eve"])
def test_every_number_is_the_count_of_its_list(hit, who):
    people = hit
    client = as_(getattr(people, who))
    page = client.get(reverse("web:supply-chain-list")).context

    numbers = {one.tile.label: (one.tile.value, rows_behind(client, one.url)) for one in page["tiles"]}
    numbers |= {
        f"{word} {part.state}": (part.count, rows_behind(client, url))
        for word, parts in page["levels"]
        for part, url in parts
    }
    for row, url, cells in page["severities"]:
        numbers[row.severity.word] = (row.total, rows_behind(client, url))
        numbers |= {f"{row.severity.word} {due}": (n, rows_behind(client, of)) for due, n, of in cells if of}

    assert {label: pair for label, pair in numbers.items() if pair[0] != pair[1]} == {}
    assert numbers["Servers with affected packages"][0] == (0 if who == "eve" else 1)
    assert numbers["Open vulnerabilities"][0] == (0 if who == "eve" else 2)
    assert numbers["critical"][0] == (0 if who == "eve" else 1)


@for_each("unit", ["of others", "no unit"])
def test_no_number_of_all_units_stands_for_one_that_somebody_does_not_see(hit, unit):
    figures, address = ("Servers with affected packages", "How servers stand"), reverse("web:supply-chain-list")
    named = {"of others": str(hit.payments.pk), "no unit": "x"}[unit]
    page = as_(hit.eve).get(address, {"unit": named}).content.decode()
    own = as_(hit.eve).get(address, {"unit": str(hit.research.pk)}).content.decode()

    assert [words in page for words in (*figures, "How fresh that is")] == [False, False, True]
    assert all(words in own for words in figures)


def test_on_a_phone_each_number_of_the_open_vulnerabilities_says_what_it_is(hit):
    page = as_(hit.mia).get(reverse("web:supply-chain-list")).content.decode()

    labels = [f'data-label="{word}"' for word in ("Overdue", "Due soon", "In time", "All", "Mended in")]
    assert [page.count(word) for word in labels] == [4, 4, 4, 4, 4]


@for_each("who", ["ada", "mia", "eve"])
def test_the_api_says_the_same(hit, who):
    person = getattr(hit, who)
    page = as_(person).get(reverse("web:supply-chain-list")).context
    answer = Caller(person).read("/supply-chain/")

    assert {one["label"]: one["value"] for one in answer["tiles"]} == {
        one.tile.label: one.tile.value for one in page["tiles"]
    }
    assert [one["server"]["title"] for one in answer["servers"]] == [row.title for row in page["list"].rows]
    assert [one["total"] for one in answer["vulnerabilities"]] == [
        row.total for row, _url, _cells in page["severities"]
    ]
    levels = [one["state"] for one in answer["servers"][0]["levels"]] if answer["servers"] else []
    assert levels == ([] if who == "eve" else ["affected", "unknown", "unknown", "not_watched"])


def test_the_api_narrows_and_refuses_what_it_does_not_understand(hit):
    caller = Caller(hit.alice)

    assert caller.read("/supply-chain/", package="affected", signal="exploited")["total"] == 1
    assert caller.read("/supply-chain/", package="clear")["servers"] == []
    assert caller.get("/supply-chain/", package="clean").status_code == 400
    assert caller.get("/supply-chain/", pakage="clear").status_code == 400


def test_the_api_leads_from_page_to_page_through_the_servers(more):
    caller = Caller(more.alice)
    pages = [caller.read("/supply-chain/", limit="1", unit=str(more.payments.pk))]
    while further := pages[-1]["next"]:
        pages.append(caller.read("/supply-chain/", **dict(parse_qsl(urlsplit(further).query))))

    assert [one["total"] for one in pages] == [4, 4, 4, 4]
    assert [one["servers"][0] for one in pages] == caller.read("/supply-chain/")["servers"]
    assert caller.read("/supply-chain/", **dict(parse_qsl(urlsplit(pages[1]["previous"]).query))) == pages[0]
    assert caller.get("/supply-chain/", limit="101").status_code == 400
    assert caller.get("/supply-chain/", cursor="of another list").status_code == 400


def rows_behind(client, url):
    listed = client.get(url).context["list"]
    return len(listed.rows) if listed.total is None else listed.total


def test_the_file_has_each_level_with_why(people):
    answer = as_(people.alice).get(reverse("web:supply-chain-list"), {"format": "csv"})
    [row] = csv.DictReader(StringIO(answer.getvalue().decode("utf-8-sig")))

    assert (row["Packages"], row["Packages: why"]) == ("Unknown", "No advisories of npm were taken in")
    assert (row["Threats"], row["Threats: why"]) == (
        "Unknown", "No feed tells of threats; Not compared with indicators yet",
    )  # fmt: skip
    assert row["Runtime"] == "Not watched"


def test_a_region_that_is_the_same_is_not_sent_again(people):
    client = as_(people.alice)
    first = client.get(reverse("web:supply-chain-list"), headers={"X-Live": "1"})
    again = {"X-Live": "1", "If-None-Match": first["ETag"]}

    assert first.content.decode().lstrip().startswith('<div class="stack region" id="live"')
    assert client.get(reverse("web:supply-chain-list"), headers=again).status_code == 304
    fresh(publish("GHSA-1"))
    changed = client.get(reverse("web:supply-chain-list"), headers=again)
    assert (changed.status_code, "Packages: 1 affected" in changed.content.decode()) == (200, True)


@pytest.fixture
def more(people):
    """Return the cast, with three more servers."""
    for number in range(3):
        cast.a_server(people, f"com.example/{number}", title=f"Server {number}")
    return people


@for_each("who", ["ada", "mia"])
def test_the_page_takes_few_statements_whatever_there_is(more, who, django_assert_max_num_queries):
    client = as_(getattr(more, who))
    client.get(reverse("web:supply-chain-list"))

    with django_assert_max_num_queries(23):
        client.get(reverse("web:supply-chain-list"))


def test_a_collector_is_fresh_late_silent_or_never_ran(people):
    runs = Run.objects.filter(collector="composition")
    states = []
    for days in (0, 3, 8):
        runs.update(ended_at=NOON - days * DAY)
        page = as_(people.alice).get(reverse("web:supply-chain-list")).context
        states.append({source.key: source.state for source, _url in page["collectors"]})

    assert [one["composition"] for one in states] == ["fresh", "late", "silent"]
    assert states[0]["tls"] == "never"


def test_the_name_of_a_setting_breaks_after_an_underscore(people):
    keeping.follow(now=NOON)
    why = {"inspection": [["failed", "Name one in RISKREGISTER_INSPECT_CREDENTIALS."]]}
    ServerLevels.objects.update(why=why)
    page = as_(people.alice).get(reverse("web:supply-chain-list")).content.decode()
    assert "RISKREGISTER_<wbr>INSPECT_<wbr>CREDENTIALS" in page
