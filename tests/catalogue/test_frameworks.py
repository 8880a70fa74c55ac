"""Frameworks: imported as revisions that take the place of the one before, and controls of the organisation's own."""

import json
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import TestCase

from audit.models import Event
from catalogue import frameworks, publishing
from catalogue.frameworks import FrameworkInvalid, NotOurControl
from catalogue.models import Control, Framework
from catalogue.oscal import reading
from controls import statuses
from controls.models import ControlStatus
from riskregister.refusals import Conflict
from tests.assessments import scenes
from tests.cast import NOON, Cast
from tests.catalogue.oscal_documents import METADATA, catalog, control, label, profile


class Frameworks(TestCase):
    """The catalogue as published; alice imports."""

    people: Cast
    scene: scenes.Scene

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        cls.people = cls.scene.people

    def take(self, document: dict[str, Any], **how: Any) -> Framework:
        read = reading.read(json.dumps(document).encode())
        return frameworks.take(document=read, by=self.people.alice, now=NOON, **how)

    def test_a_catalogue_becomes_a_current_framework_with_its_controls(self) -> None:
        made = self.take(catalog(control("a", props=label("A-1")), control("b")))
        assert (made.key, made.revision, made.status, made.origin) == ("house-rules", "2.0", "current", "imported")
        assert list(made.controls.values_list("ref", "position")) == [("A-1", 1), ("b", 2)]
        event = Event.objects.get(object_id=made.pk)
        assert event.data == {"key": "house-rules", "revision": "2.0", "controls": 2, "vanished": 0}

    def test_a_newer_revision_takes_the_place_of_the_one_before_and_keeps_statuses(self) -> None:
        first = self.take(catalog(control("a"), control("b"), control("c")))
        stated = {
            ref: statuses.state_for_organisation(
                control=first.controls.get(ref=ref), state="in_place", by=self.people.alice, now=NOON
            )
            for ref in ("a", "b")
        }
        newer = catalog(control("a"), control("d"))
        newer["catalog"]["metadata"] = METADATA | {"version": "3.0"}
        now = self.take(newer)
        first.refresh_from_db()
        assert (first.status, now.status) == ("superseded", "current")
        assert Event.objects.get(object_id=now.pk).data["vanished"] == 2
        kept, gone = (ControlStatus.objects.get(pk=stated[ref].pk) for ref in ("a", "b"))
        assert (kept.control.framework, kept.is_orphaned) == (now, False)
        assert (gone.control.framework, gone.is_orphaned, gone.state) == (first, True, "in_place")

    def test_the_same_revision_is_taken_once(self) -> None:
        self.take(catalog(control("a")))
        with pytest.raises(Conflict, match="A newer one has another version"):
            self.take(catalog(control("a")))
        assert Framework.objects.filter(key="house-rules").count() == 1

    def test_an_imported_revision_of_a_shipped_framework_stays_current_when_the_catalogue_is_published(self) -> None:
        base = Framework.objects.get(key="nist-sp-800-53")
        made = self.take(catalog(control("sr-3", props=label("SR-3"))), key="nist-sp-800-53")
        overlaid = Control.objects.get(ref="SR-3", framework__key="nist-sp-800-161")
        assert overlaid.same_as
        assert overlaid.same_as.framework == made
        assert Control.objects.get(ref="SR-4", framework__key="nist-sp-800-161").same_as.framework == base  # type: ignore[union-attr]
        publishing.publish_catalogue(now=NOON)
        assert list(Framework.objects.current().filter(key="nist-sp-800-53")) == [made]

    def test_a_profile_selects_from_a_framework_of_the_register(self) -> None:
        only = profile({"href": "#x", "include-controls": [{"with-ids": ["ac-2", "ac-2.1", "sr-3"]}]})
        with pytest.raises(FrameworkInvalid, match="Choose the framework"):
            self.take(only)
        below = Framework.objects.get(key="nist-sp-800-53")
        made = self.take(only, below=below)
        assert made.overlays == "nist-sp-800-53"
        assert [(one.ref, one.same_as.framework) for one in made.controls.select_related("same_as")] == [  # type: ignore[union-attr]
            (ref, below) for ref in ("AC-2", "AC-2(1)", "SR-3")
        ]
        unknown = profile({"href": "#x", "include-controls": [{"with-ids": ["zz-9"]}]})
        with pytest.raises(FrameworkInvalid, match="does not have zz-9"):
            self.take(unknown, below=below, key="another")
        with pytest.raises(FrameworkInvalid, match="Leave this empty"):
            self.take(catalog(control("a")), below=below, key="third")

    def test_keys_that_cannot_be_are_refused(self) -> None:
        for key, sentence in (
            ("House Rules", "small letters"),
            ("own", "your own controls"),
            ("a" * 41, "small letters"),
        ):
            with self.subTest(key=key), pytest.raises(FrameworkInvalid, match=sentence):
                self.take(catalog(control("a")), key=key)

    def test_the_organisation_has_controls_of_its_own(self) -> None:
        own = Framework.objects.get(key="own")
        how: dict[str, Any] = {"by": self.people.alice, "now": NOON}
        made = frameworks.add_control(own, ref="X-1", title="Two people release", requirement="Two.", **how)
        assert (made.position, made.status, made.requirement) == (1, "active", "Two.")
        with pytest.raises(Conflict, match="X-1"):
            frameworks.add_control(own, ref="X-1", title="Again", **how)
        frameworks.change_control(own, control=made, title="Two people", section="Release", **how)
        made.refresh_from_db()
        assert (made.ref, made.title, made.section) == ("X-1", "Two people", "Release")
        frameworks.withdraw_control(own, control=made, reason="It is in another.", **how)
        made.refresh_from_db()
        assert made.status == "withdrawn"
        with pytest.raises(Conflict, match="already"):
            frameworks.withdraw_control(own, control=made, reason="Again.", **how)
        others = Framework.objects.get(key="safe-mcp")
        with pytest.raises(NotOurControl):
            frameworks.add_control(others, ref="X-2", title="So", **how)
        with pytest.raises(NotOurControl):
            frameworks.change_control(own, control=others.controls.earliest("pk"), title="So", **how)

    def test_the_command_takes_a_file_in_and_names_the_place_of_a_fault(self) -> None:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "rules.json"
            path.write_text(json.dumps(catalog(control("a"))))
            said = StringIO()
            call_command("import_framework", str(path), "--key", "rules", stdout=said)
            assert said.getvalue().strip() == "House rules, 2.0: 1 control."
            path.write_text(json.dumps(catalog({"id": "a"})))
            with pytest.raises(CommandError, match=r"catalog\.controls\[0\]\.title: a needs a title"):
                call_command("import_framework", str(path))
            path.write_text(json.dumps(profile({"href": "#x", "include-all": {}})))
            with pytest.raises(CommandError, match="There is no framework nothing"):
                call_command("import_framework", str(path), "--below", "nothing")
        with pytest.raises(CommandError, match="cannot be read"):
            call_command("import_framework", str(path))
