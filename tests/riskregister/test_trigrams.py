"""Search on PostgreSQL: what Django asks is what is indexed, and a database that refuses is no obstacle."""

import logging
from typing import Any
from unittest import mock

import pytest
from django.db import connection
from django.db.models import QuerySet

from audit.models import Event
from findings.models import Finding
from riskregister import trigrams
from vendors.models import Server, Vendor

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
SEARCHED: dict[str, QuerySet[Any]] = {
    "assessments_finding_title_words": Finding.objects.filter(title__icontains="signed"),
    "assessments_finding_question_key_words": Finding.objects.filter(question_key__icontains="signed"),
    "vendors_server_title_words": Server.objects.filter(title__icontains="signed"),
    "vendors_server_name_words": Server.objects.filter(name__icontains="signed"),
    "vendors_vendor_name_words": Vendor.objects.filter(name__icontains="signed"),
    "vendors_vendor_legal_entity_words": Vendor.objects.filter(legal_entity__icontains="signed"),
    "audit_event_object_label_words": Event.objects.filter(object_label__icontains="signed"),
    "audit_event_actor_label_words": Event.objects.filter(actor_label__icontains="signed"),
}


def test_every_declared_index_is_tried_below():
    assert set(trigrams.names()) == set(SEARCHED)


@pytest.mark.parametrize("name", SEARCHED)
def test_a_search_can_use_its_index(name: str):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_indexscan = off")

    assert name in SEARCHED[name].order_by().explain()


def test_they_are_put_back_and_putting_them_twice_does_no_harm():
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX assessments_finding_title_words")
    trigrams.install(connection)
    trigrams.install(connection)

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_indexes WHERE indexname = 'assessments_finding_title_words'")
        assert cursor.fetchone() == (1,)


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
