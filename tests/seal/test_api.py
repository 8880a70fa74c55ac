"""The seal through the API: its checkpoints, and proofs that are checked with the published arithmetic alone."""

import base64
import json
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from audit import trail
from audit.context import SYSTEM
from audit.models import Event
from riskregister import env
from seal import sealing, signing
from seal.formats import merkle, notes
from seal.models import Leaf
from tests.api.caller import Caller, frozen
from tests.cast import NOON, Cast, assemble, person
from tests.tables import for_each

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(db: None) -> Cast:
    """Return the cast, whose making is sealed, with two renamings sealed one after the other."""
    found = assemble()
    sealing.seal(now=NOON)
    for hours in (1, 2):
        with transaction.atomic():
            trail.record("unit.renamed", found.payments, by=SYSTEM, at=NOON + timedelta(hours=hours))
        sealing.seal(now=NOON + timedelta(hours=hours))
    return found


@pytest.fixture
def ada(people: Cast) -> Any:
    with frozen():
        yield Caller(people.ada)


def sealed(place: int) -> Event:
    """Return an event by its place among the sealed ones."""
    leaves = Leaf.objects.exclude(event_id=None).order_by("position")
    return Event.objects.get(pk=str(leaves.values_list("event_id", flat=True)[place]))


def decoded(path: list[str]) -> list[bytes]:
    return [base64.b64decode(node) for node in path]


def test_checkpoints_are_listed_from_the_newest_and_signed_with_the_key_that_is_said(ada):
    state = ada.read("/trail/")
    first = ada.read("/trail/checkpoints/", limit=2)
    second = ada.client.get(first["next"]).json()

    sizes = [row["size"] for row in (*first["results"], *second["results"])]
    assert sizes == sorted(sizes, reverse=True)
    assert (len(sizes), second["next"]) == (3, None)
    assert state["key"] == str(signing.signer().verifier)
    assert state["newest"] == first["results"][0]
    assert state["check"] is None
    for row in first["results"]:
        assert signing.signer().verifier.has_signed(row["note"])
        assert notes.checkpoint(row["note"]).root.hex() == row["root"]


def test_an_event_is_proved_to_be_in_each_checkpoint_that_seals_it(ada, tmp_path):
    event = sealed(2)
    sizes = [row["size"] for row in ada.read("/trail/checkpoints/")["results"]]

    for size in sizes:
        proof = ada.read("/trail/inclusion/", event=str(event.pk), size=size)
        checkpoint = notes.checkpoint(proof["checkpoint"])
        leaf = merkle.leaf_hash(event.body.encode())
        assert proof["body"] == event.body
        assert checkpoint.size == size
        assert merkle.root_by_inclusion(leaf, proof["position"], size, decoded(proof["path"])) == checkpoint.root


def test_the_stand_alone_verifier_takes_a_proof_as_it_is_answered(ada, tmp_path):
    file = tmp_path / "proof.json"
    file.write_text(json.dumps(ada.read("/trail/inclusion/", event=str(sealed(0).pk))))
    command = [sys.executable, "-I", str(env.BASE_DIR / "script" / "verify_trail.py"), "proof", str(file)]

    done = subprocess.run(
        [*command, "--key", str(signing.signer().verifier)], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout[:7]) == (0, "Sealed:")


def test_each_checkpoint_is_proved_to_begin_with_those_before(ada):
    rows = ada.read("/trail/checkpoints/")["results"][::-1]

    for older in rows:
        for newer in rows[rows.index(older) :]:
            proof = ada.read("/trail/consistency/", first=older["size"], second=newer["size"])
            before, after = (bytes.fromhex(one["root"]) for one in (older, newer))
            path = decoded(proof["path"])
            assert (proof["first"], proof["second"]) == (older["note"], newer["note"])
            assert merkle.is_consistent(older["size"], newer["size"], before, after, path)


REFUSED: dict[str, tuple[str, dict[str, Any], int, str]] = {
    "no checkpoint of this size": ("consistency", {"first": 1, "second": 2}, 422, "first"),
    "the smaller one second": ("consistency", {"first": -1, "second": 0}, 400, "first"),
    "no event": ("inclusion", {}, 400, "event"),
    "an event of nobody": ("inclusion", {"event": "01900000-0000-7000-8000-000000000000"}, 422, "event"),
    "a checkpoint before the event": ("inclusion", {"event": "last", "size": "oldest"}, 422, "size"),
    "a parameter of nobody": ("checkpoints", {"above": 3}, 400, "above"),
    "too many": ("checkpoints", {"limit": 101}, 400, "limit"),
}


@for_each("what", REFUSED)
def test_what_cannot_be_answered_is_refused_with_the_name(ada, what):
    path, query, status, field = REFUSED[what]
    if query.get("event") == "last":
        oldest = ada.read("/trail/checkpoints/")["results"][-1]["size"]
        query = {"event": str(Event.objects.filter(verb="unit.renamed").order_by("-pk")[0].pk), "size": oldest}

    answer = ada.get(f"/trail/{path}/", **query)

    assert (answer.status_code, [one["field"] for one in answer.json()["errors"]][:1]) == (status, [field])


def test_an_event_of_another_unit_is_not_proved_to_everybody(people, ada):
    with transaction.atomic():
        trail.record("unit.renamed", people.research, by=SYSTEM, at=NOON)
    sealing.seal(now=NOON)
    event = Event.objects.filter(object_id=people.research.pk).order_by("-pk")[0]

    assert Caller(people.alice).get("/trail/inclusion/", event=str(event.pk)).status_code == 422
    assert ada.read("/trail/inclusion/", event=str(event.pk))["body"] == event.body


def test_it_is_for_those_who_have_a_role(people, ada):
    nobody = person("nora", role="analyst", unit=people.payments)
    caller = Caller(nobody)
    nobody.memberships.all().delete()

    assert [caller.get(f"/trail/{path}").status_code for path in ("", "checkpoints/")] == [403, 403]
