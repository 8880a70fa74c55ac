"""Search on PostgreSQL: what Django asks is what is indexed, and a database that refuses is no obstacle."""

import logging
from unittest import mock

import pytest
from django.apps import apps
from django.db import connection

from riskregister.queries import trigrams
from tests.tables import for_each

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
MODELS = {model._meta.db_table: model for model in apps.get_models()}


def test_what_people_search_is_indexed():
    assert {
        ("findings_finding", "title"), ("findings_finding", "question_key"), ("vendors_server", "title"),
        ("vendors_server", "name"), ("vendors_vendor", "name"), ("vendors_vendor", "legal_entity"),
        ("evidence_evidence", "title"), ("evidence_evidence", "file_name"), ("audit_event", "object_label"),
        ("audit_event", "actor_label"),
    } <= set(trigrams.names().values())  # fmt: skip


@for_each("name", trigrams.names())
def test_a_search_can_use_its_index(name: str):
    table, column = trigrams.names()[name]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_indexscan = off")

    rows = MODELS[table]._default_manager.filter(**{f"{column}__holds": "signed"})
    assert name in rows.order_by().explain()


def test_they_are_put_back_and_putting_them_twice_does_no_harm():
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX findings_finding_title_words")
    trigrams.install(connection)
    trigrams.install(connection)

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_indexes WHERE indexname = 'findings_finding_title_words'")
        assert cursor.fetchone() == (1,)


def test_one_that_compared_by_other_rules_is_made_anew():
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX vendors_vendor_name_words")
        cursor.execute("CREATE INDEX vendors_vendor_name_words ON vendors_vendor USING gin (UPPER(name) gin_trgm_ops)")
    trigrams.install(connection)

    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'vendors_vendor_name_words'")
        assert "upper(lower(" in cursor.fetchone()[0]


def test_somebody_who_may_not_create_the_extension_is_told_what_to_do(caplog: pytest.LogCaptureFixture):
    with connection.cursor() as cursor:
        cursor.execute("DROP EXTENSION pg_trgm CASCADE")
        cursor.execute("CREATE ROLE visitor")
        cursor.execute("SET LOCAL ROLE visitor")
    with caplog.at_level(logging.WARNING), mock.patch.object(trigrams.log, "propagate", new=True):
        trigrams.install(connection)

    assert "CREATE EXTENSION pg_trgm" in caplog.text
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("SELECT count(*) FROM pg_extension WHERE extname = 'pg_trgm'")
        assert cursor.fetchone() == (0,)
