"""The catalogue's files become rows once; publishing again puts right what differs and touches nothing else."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalogue import publishing, questionnaire
from catalogue.models import Control, Option, Question
from tests.cast import NOON

pytestmark = pytest.mark.django_db


def test_every_question_of_the_files_is_a_row_with_its_options_and_controls():
    shipped = questionnaire.load()
    sets = [(publishing.SET_KEY, one) for one in shipped.question_sets]
    for key, question_set in [*sets, *((publishing.VENDOR_SET_KEY, one) for one in shipped.vendor_sets)]:
        rows = Question.objects.filter(question_set__key=key, question_set__version=question_set.version)
        rows = rows.prefetch_related("options", "controls")
        assert [row.key for row in rows.order_by("position")] == [one.key for one in question_set.questions]
        by_key = {row.key: row for row in rows}
        for one in question_set.questions:
            row = by_key[one.key]
            assert [option.key for option in row.options.order_by("position")] == [each.key for each in one.options]
            assert {control.ref for control in row.controls.all()} == set(one.controls), one.key


def test_publishing_again_writes_nothing():
    with CaptureQueriesContext(
        connection,
    ) as asked:
        publishing.publish_catalogue(now=NOON)

    written = [one["sql"] for one in asked if one["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert written == []


def test_a_control_that_says_something_else_than_its_file_is_put_right():
    control = Control.objects.filter(status="active").first()
    assert control
    title = control.title
    Control.objects.filter(pk=control.pk).update(title="Another")
    options = Option.objects.count()

    publishing.publish_catalogue(now=NOON)

    control.refresh_from_db()
    assert control.title == title
    assert Option.objects.count() == options
