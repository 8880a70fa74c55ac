"""One transaction for a step and all that is part of it, and what is done once at its end."""

import contextlib

import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError
from django.test import TestCase, TransactionTestCase

from accounts.models import Unit
from riskregister.unit_of_work import at_end, may_be_taken_back, unit_of_work, unit_of_work_done_again


def open_unit(code: str) -> Unit:
    return Unit.objects.create(name=code, code=code)


class AUnitOfWork(TestCase):
    def test_does_at_its_end_once_for_a_key_what_it_was_given_with_all_items(self):
        done: list[list[str]] = []
        with unit_of_work():
            with unit_of_work():
                at_end("ratings", "one", done.append)
            at_end("ratings", "two", done.append)
            assert done == []
        assert done == [["one", "two"]]

    def test_goes_on_until_nothing_is_left_to_be_done(self):
        done: list[str] = []

        def first(items: list[str]) -> None:
            done.extend(items)
            at_end("second", "b", done.extend)

        with unit_of_work():
            at_end("first", "a", first)
        assert done == ["a", "b"]

    def test_what_comes_after_others_is_done_once_when_nothing_else_is_left(self):
        done: list[str] = []

        def first(items: list[str]) -> None:
            done.extend(items)
            at_end("last", "d", done.extend, after_others=True)
            at_end("second", "b", done.extend)

        with unit_of_work():
            at_end("last", "c", lambda items: done.append("".join(items)), after_others=True)
            at_end("first", "a", first)
        assert done == ["a", "b", "cd"]

    def test_tells_whether_a_savepoint_may_take_back_what_is_written(self):
        assert not may_be_taken_back()
        with unit_of_work():
            with unit_of_work():
                assert not may_be_taken_back()
            with transaction.atomic():
                assert may_be_taken_back()
                with unit_of_work():
                    assert may_be_taken_back()
            assert not may_be_taken_back()

    def test_outside_of_one_it_is_done_at_once(self):
        done: list[list[str]] = []
        at_end("ratings", "one", done.append)
        assert done == [["one"]]

    def test_takes_everything_back_when_its_end_fails(self):
        def fail(items: list[str]) -> None:
            raise LookupError

        @unit_of_work()
        def work() -> None:
            open_unit("payments")
            at_end("x", "y", fail)

        with pytest.raises(LookupError):
            work()
        assert not Unit.objects.exists()

    def test_forgets_what_was_to_be_done_when_it_fails(self):
        done: list[list[str]] = []

        @unit_of_work()
        def work() -> None:
            at_end("ratings", "one", done.append)
            raise LookupError

        with pytest.raises(LookupError):
            work()
        with unit_of_work():
            assert done == []
        assert done == []

    def test_is_not_through_when_a_part_has_failed_whoever_caught_that(self):
        @unit_of_work()
        def work() -> None:
            open_unit("payments")
            with contextlib.suppress(LookupError), unit_of_work():
                raise LookupError

        with pytest.raises(TransactionManagementError, match="A part of this has failed"):
            work()
        assert not Unit.objects.exists()


@pytest.mark.engine
class AUnitOfWorkThatIsDoneAgain(TransactionTestCase):
    def test_alone_does_not_wait_for_the_disk_and_as_a_part_keeps_what_the_whole_promises(self):
        if connection.vendor != "postgresql":
            self.skipTest("SQLite's transactions wait for nothing: PRAGMA synchronous=NORMAL.")
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION synchronous_commit TO local")
        with unit_of_work_done_again():
            alone = waits_for()
        with unit_of_work(), unit_of_work_done_again():
            of_a_unit = waits_for()
        with transaction.atomic(), unit_of_work_done_again():
            of_a_transaction = waits_for()
        assert (alone, of_a_unit, of_a_transaction, waits_for()) == ("off", "local", "local", "local")


def waits_for() -> str:
    """Return what a commit of the connection waits for now."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        found: str = cursor.fetchone()[0]
        return found
