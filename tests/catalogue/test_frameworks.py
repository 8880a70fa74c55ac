"""Frameworks: imported as revisions that take the place of the one before, and controls of the organisation's own."""

import json
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import TestCase

from accounts.models import Role, User
from accounts.units.other_units import HoldsElsewhere
from audit.models import Event
from catalogue import frameworks, publishing
from catalogue.frameworks import FrameworkInvalid, NotOurControl
from catalogue.models import Control, Framework
from catalogue.oscal import reading
from controls import statuses
from controls.models import ControlStatus
from riskregister.refusals import Conflict
from tests import cast
from tests.assessments import scenes
from tests.cast import NOON, Cast
from tests.catalogue.oscal_documents import METADATA, catalog, control, label, profile


class Frameworks(TestCase):
    """The catalogue as published; alice of Payments imports, olga works in all units."""

    people: Cast
    scene: scenes.Scene
    olga: User

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        cls.people = cls.scene.people
        cls.olga = cast.person("olga", role=Role.ANALYST, unit=None)

    def take(self, document: dict[str, Any], **how: Any) -> Framework:
        read = reading.read(json.dumps(document).encode())
        arguments: dict[str, Any] = {"by": self.people.alice, "now": NOON} | how
        return frameworks.take(document=read, **arguments)

    def revision(self, version: str, *refs: str, by: User | None = None) -> Framework:
        """Return a revision of the house's rules, imported by olga, unless somebody else is named."""
        document = catalog(*map(control, refs), metadata=METADATA | {"version": version})
        return self.take(document, by=by or self.olga)

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
                control=first.controls.get(ref=ref), state="in_place", by=self.olga, now=NOON
            )
            for ref in ("a", "b")
        }
        now = self.revision("3.0", "a", "d")
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

    def test_nobody_replaces_a_framework_that_the_register_ships(self) -> None:
        for key in ("finos-mi-20", "nist-sp-800-53"):
            before = set(Framework.objects.current().filter(key=key))
            with self.subTest(key=key), pytest.raises(FrameworkInvalid, match=f"such as {key}-ours"):
                self.take(catalog(control("a"), metadata=METADATA | {"version": "99"}), key=key, by=self.olga)
            assert set(Framework.objects.filter(key=key).current()) == before
        by_title = catalog(control("a"), metadata=METADATA | {"title": "NIST SP 800-53"})
        with pytest.raises(FrameworkInvalid, match="comes with the register"):
            self.take(by_title, by=self.olga)
        assert self.take(by_title, key="nist-sp-800-53-ours").is_current

    def test_who_works_in_some_units_replaces_nothing_that_all_units_have(self) -> None:
        first = self.revision("1", "a", by=self.people.alice)
        with pytest.raises(HoldsElsewhere, match="an analyst or approver of all units"):
            self.revision("2", "b", by=self.people.alice)
        first.refresh_from_db()
        assert first.is_current
        now = self.revision("2", "b")
        assert list(Framework.objects.current().filter(key="house-rules")) == [now]

    def test_the_way_back_is_the_former_file_under_another_version(self) -> None:
        first = self.revision("1", "a", "b")
        stated = statuses.state_for_organisation(
            control=first.controls.get(ref="b"), state="in_place", by=self.olga, now=NOON
        )
        self.revision("2", "a")
        with pytest.raises(Conflict, match='such as "1 again"'):
            self.revision("1", "a", "b")
        back = self.revision("1 again", "a", "b")
        stated.refresh_from_db()
        assert (stated.control, stated.is_orphaned) == (back.controls.get(ref="b"), False)

    def test_what_no_current_revision_has_is_of_the_last_that_had_it(self) -> None:
        # In the order in which they came, which is not that of their names.
        _first, second, now = self.revision("9", "a", "b"), self.revision("10", "a", "b"), self.revision("11", "a")
        rows = Control.objects.filter(framework__key="house-rules").by_revision()
        assert dict(rows.values_list("ref", "pk")) == {
            "a": now.controls.get().pk, "b": second.controls.get(ref="b").pk,
        }  # fmt: skip

    def test_an_overlay_names_the_control_again_that_was_gone_and_is_back(self) -> None:
        base = self.revision("1", "a")
        only = profile({"href": "#x", "include-controls": [{"with-ids": ["a"]}]})
        over = self.take(only, below=base, key="over").controls.get()
        self.revision("2", "b")
        back = self.revision("3", "a")
        over.refresh_from_db()
        assert over.same_as == back.controls.get()

    def test_what_was_imported_under_a_key_before_the_register_shipped_it_stays_current(self) -> None:
        base = Framework.objects.get(key="nist-sp-800-53")
        Framework.objects.filter(pk=base.pk).update(origin="imported")
        made = self.take(catalog(control("sr-3", props=label("SR-3"))), key="nist-sp-800-53", by=self.olga)
        Framework.objects.filter(pk=base.pk).update(origin="shipped")
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
        for refused in (
            lambda: frameworks.change_control(made, title="Two people", **how),
            lambda: frameworks.withdraw_control(made, reason="It is in another.", **how),
        ):
            with pytest.raises(HoldsElsewhere):
                refused()
        how["by"] = self.olga
        frameworks.change_control(made, title="Two people", section="Release", **how)
        made.refresh_from_db()
        assert (made.ref, made.title, made.section) == ("X-1", "Two people", "Release")
        stale = Control.objects.get(pk=made.pk)
        frameworks.withdraw_control(made, reason="It is in another.", **how)
        made.refresh_from_db()
        assert made.status == "withdrawn"
        with pytest.raises(Conflict, match="already"):
            frameworks.withdraw_control(stale, reason="Again.", **how)
        others = Framework.objects.get(key="safe-mcp")
        with pytest.raises(NotOurControl):
            frameworks.add_control(others, ref="X-2", title="So", **how)
        with pytest.raises(NotOurControl):
            frameworks.change_control(others.controls.earliest("pk"), title="So", **how)

    def test_the_command_takes_a_file_in_and_names_the_place_of_a_fault(self) -> None:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "rules.json"
            path.write_text(json.dumps(catalog(control("a"))))
            output = StringIO()
            call_command("import_framework", str(path), "--key", "rules", stdout=output)
            assert output.getvalue().strip() == "House rules, 2.0: 1 control."
            path.write_text(json.dumps(catalog({"id": "a"})))
            with pytest.raises(CommandError, match=r"catalog\.controls\[0\]\.title: a needs a title"):
                call_command("import_framework", str(path))
            path.write_text(json.dumps(profile({"href": "#x", "include-all": {}})))
            with pytest.raises(CommandError, match="There is no framework nothing"):
                call_command("import_framework", str(path), "--below", "nothing")
        with pytest.raises(CommandError, match="cannot be read"):
            call_command("import_framework", str(path))
