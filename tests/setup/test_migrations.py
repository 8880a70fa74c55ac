"""Migrations make a table once, with all that belongs to it."""

from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any, cast

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.migrations import AddConstraint, AddField, AddIndex, CreateModel
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import ForeignKey

from operations.management.commands.makemigrations import Tables
from riskregister.tables import CreateTable

KEY = models.BigAutoField(primary_key=True)
BY_NAME = models.Index(fields=["name"], name="by_name")
NAMED = models.CheckConstraint(name="named", condition=~models.Q(name=""))
ONE_A_BOX = models.UniqueConstraint(fields=["box", "name"], name="one_a_box")


def made(name: str, **fields: Any) -> CreateModel:
    return CreateModel(name, [("id", KEY), ("name", models.TextField()), *fields.items()])


def to(model: str) -> Any:
    return ForeignKey(model, on_delete=models.PROTECT)


def names(operations: Any) -> list[str]:
    return [getattr(one, "name", "") or type(one).__name__ for one in operations]


def test_every_migration_makes_its_tables_in_one_step() -> None:
    rooms = {one.label for one in apps.get_app_configs() if Path(one.path).parent == settings.BASE_DIR}
    longer = []
    for (app, name), migration in MigrationLoader(None).disk_migrations.items():
        operations = deepcopy(migration.operations)
        if app in rooms and _kinds(Tables(app).in_one_step(operations)) != _kinds(migration.operations):
            longer.append(f"{app}/migrations/{name}.py")
    assert not longer, f"Let manage.py makemigrations make them anew: {longer}."


def _kinds(operations: Sequence[Operation]) -> list[str]:
    return [type(one).__name__ for one in operations]


def test_what_is_added_to_a_new_table_stands_where_it_is_made() -> None:
    operations = [
        made("Ball"), made("Box"), AddField("ball", "box", to("toys.box")), AddIndex("box", BY_NAME),
        AddConstraint("ball", ONE_A_BOX), AddConstraint("ball", NAMED),
    ]  # fmt: skip

    box, ball = (cast(CreateModel, one) for one in Tables("toys").in_one_step(operations))

    assert (box.name, box.options) == ("Box", {"indexes": [BY_NAME]})
    assert [name for name, _field in ball.fields] == ["id", "name", "box"]
    assert (ball.name, ball.options) == ("Ball", {"constraints": [ONE_A_BOX, NAMED]})


def test_a_column_that_closes_a_circle_waits_and_so_does_what_may_name_it() -> None:
    operations = [
        made("Box"), made("Ball", box=to("toys.box")), made("Shelf", ball=to("toys.ball")),
        AddConstraint("box", NAMED), AddField("box", "top", to("toys.shelf")), AddIndex("box", BY_NAME),
    ]  # fmt: skip

    told = Tables("toys").in_one_step(operations)

    assert names(told) == ["Box", "Ball", "Shelf", "top", "AddIndex"]
    assert cast(CreateModel, told[0]).options == {"constraints": [NAMED]}


def test_what_leads_through_another_table_waits_for_it_alone() -> None:
    through = models.ManyToManyField("toys.box", through="toys.place")
    operations = [
        made("Box"), made("Ball"), AddField("ball", "boxes", through), made("Place", ball=to("toys.ball")),
        AddConstraint("ball", NAMED),
    ]  # fmt: skip

    assert names(Tables("toys").in_one_step(operations)) == ["Box", "Ball", "Place", "boxes"]


def test_a_table_of_another_room_may_have_the_same_name() -> None:
    operations = [made("Ball", box=to("games.box")), made("Box", ball=to("toys.ball"))]

    assert names(Tables("toys").in_one_step(operations)) == ["Ball", "Box"]


def test_a_new_table_is_known_to_those_it_refers_to_which_are_not_drawn_anew() -> None:
    state = ProjectState()
    CreateTable("Box", [("id", KEY)]).state_forwards("toys", state)
    box = state.apps.get_model("toys.box")

    CreateTable("Ball", [("id", KEY), ("box", to("toys.box"))]).state_forwards("toys", state)

    assert state.apps.get_model("toys.box") is box
    [relation] = box._meta.related_objects
    assert relation.related_model is state.apps.get_model("toys.ball")
