"""What differs between the tools of two captures, where somebody looks, compares and decides."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User
from assessments import lifecycle
from assessments.models import Assessment
from inspection import drift
from monitoring.models import Run
from tests import cast
from tests.assessments import scenes
from tests.containment import approved
from tests.inspection import faults, scene
from tests.inspection.mcp_server import McpServer, tool
from tests.web.signed_in import as_
from vendors.models import Release
from vendors.registering import importing, registration
from web.releases import tool_changes

pytestmark = pytest.mark.django_db
LATER = cast.NOON + timedelta(days=1)
MUCH_LATER = cast.NOON + timedelta(days=2)
LAST = cast.NOON + timedelta(days=3)


def captured(release: Release, *names: str, by: User) -> Release:
    """Return the revision that has other tools, captured a day later."""
    return importing.import_tools(release, cast.tools(*names), captured_at=LATER, command="npx", by=by, now=LATER)


def changes(page: Any) -> list[tuple[str, str]]:
    return [(change.name, change.kind) for change in page.context["compared"].changes]


def shown(run: Run, who: User) -> Any:
    return as_(who).get(f"/runs/{run.pk}/")


def test_a_look_shows_its_tools_and_what_differs_from_what_was_known():
    with scene.set_up(McpServer(tools=scene.same_tools(), instructions="")) as here:
        here.vendor.tools = [scene.same_tools()[0] | {"description": "Pays."}, tool("pay")]
        first = here.look(now=LATER)
        again = here.look(now=MUCH_LATER)
        here.vendor.tools = scene.same_tools()
        back = here.look(now=LAST)

        page = shown(first, here.alice)
        assert changes(page) == [("look_up", "changed"), ("pay", "added"), ("warn", "removed")]
        assert page.context["tools"].rows == ["look_up", "pay"]
        assert "Changed against 1.2.3, which was known before" in page.content.decode()
        assert "The same tools as 1.2.3 (revision 2), which was known before." in (
            shown(again, here.alice).content.decode()
        )
        assert drift.known_before(back) == first.captured
        assert changes(shown(back, here.alice)) == [("look_up", "changed"), ("pay", "removed"), ("warn", "added")]


def test_the_page_of_a_server_says_that_it_offers_other_tools_than_were_approved():
    with scene.set_up(McpServer(tools=scene.same_tools(), instructions="")) as here:
        page = as_(here.alice).get(f"/servers/{here.server.pk}/")
        assert page.context["changed"] is None
        here.vendor.tools = [*scene.same_tools(), tool("pay")]
        run = here.look(now=LATER)

        page = as_(here.alice).get(f"/servers/{here.server.pk}/")
        assert "It offers other tools than were approved" in page.content.decode()
        assert f"/servers/{here.server.pk}/tools/?release={run.captured_id}" in page.content.decode()


def test_tools_that_a_look_saw_again_after_others_are_the_newest():
    with scene.set_up(McpServer(tools=[tool("pay")], instructions="")) as here:
        other = here.look(now=LATER).captured
        assessment, at = Assessment.objects.get(server=here.server), reverse("web:server-tools", args=[here.server.pk])
        assert other is not None
        assert tool_changes.since(assessment) is not None
        assert "Other tools were captured since." in as_(here.alice).get(at).content.decode()

        here.vendor.tools = scene.same_tools()
        here.look(now=MUCH_LATER)

        page = as_(here.alice).get(at)
        assert page.context["release"] == assessment.release
        assert "</a>: these tools" in page.content.decode()
        assert "Other tools were captured since." not in page.content.decode()
        assert as_(here.alice).get(f"{at}?release={other.pk}").context["newer"] == assessment.release
        assert tool_changes.since(assessment) is None


def test_a_letter_that_passes_for_another_is_marked_in_the_names_of_a_look():
    with scene.set_up(McpServer(tools=scene.same_tools(), instructions="")) as here:
        run = here.look(now=LATER)
        title = {"title": "W\u0435ather"}
        registration.edit_server(here.server, changes=title, by=here.alice, now=LATER)

        text = shown(run, here.alice).content.decode()

    assert "W\u0435[U+0435]ather" in text.partition("</title>")[0]
    assert "W\u0435ather" not in text


def test_a_look_that_saw_no_tools_compares_nothing():
    with scene.set_up(McpServer(fault=faults.sends(500, b""))) as here:
        page = shown(here.look(now=LATER), here.alice)

    assert (page.context["compared"], page.context["tools"]) == (None, None)


def test_whoever_decides_sees_what_changed_since_the_assessment():
    here = approved.set_up()
    assessment = Assessment.objects.get(server=here.server)
    decide, bob = reverse("web:assessment-decide", args=[assessment.pk]), as_(here.scene.people.bob)
    assert bob.get(decide).context["compared"] is None

    captured(here.release, "look_up", "pay", by=here.scene.people.alice)

    page = bob.get(decide)
    assert changes(page) == [("pay", "added"), ("warn", "removed")]
    text = page.content.decode()
    assert f"Changed against 1.2.3, which {assessment.ref} is about" in text
    assert f"{assessment.ref} does not cover these, captured as 1.2.3 (revision 2)." in text


def test_whoever_reviews_what_was_submitted_sees_it_too():
    drafted = scenes.set_up()
    alice = drafted.people.alice
    assessment = drafted.draft()
    lifecycle.submit(assessment, by=alice, now=cast.NOON)
    importing.import_tools(
        assessment.judged_release, cast.tools("pay"), captured_at=LATER, command="npx", by=alice, now=LATER
    )

    page = as_(drafted.people.bob).get(reverse("web:assessment-review", args=[assessment.pk]))

    assert ("pay", "added") in changes(page)
    assert f", which {assessment.ref} is about" in page.content.decode()


def test_any_two_captures_are_compared_on_the_page_of_the_tools():
    here = approved.set_up()
    newer = captured(here.release, "look_up", "pay", by=here.scene.people.alice)
    at, alice = reverse("web:server-tools", args=[here.server.pk]), as_(here.scene.people.alice)

    pinned = alice.get(at)
    assert pinned.context["compared"] is None
    assert "Other tools were captured since." in pinned.content.decode()
    assert f"?release={newer.pk}&amp;against={here.release.pk}" in pinned.content.decode()

    newest = alice.get(f"{at}?release={newer.pk}")
    assert changes(newest) == [("pay", "added"), ("warn", "removed")]
    assert "The approval does not cover these." in newest.content.decode()
    assert "captured since" not in newest.content.decode()

    turned = alice.get(f"{at}?release={here.release.pk}&against={newer.pk}")
    assert changes(turned) == [("pay", "removed"), ("warn", "added")]
    assert "does not cover these" not in turned.content.decode()
    assert alice.get(f"{at}?release={newer.pk}&against={here.server.pk}").status_code == 404


def test_without_a_pinned_release_the_capture_before_is_the_measure():
    alice = (people := cast.assemble()).alice
    release = cast.a_release(people, "look_up", "warn")
    captured(release, "look_up", "pay", by=alice)

    page = as_(alice).get(reverse("web:server-tools", args=[release.server_id]))

    assert changes(page) == [("pay", "added"), ("warn", "removed")]
    assert "Changed against 1.2.3<" in page.content.decode()
