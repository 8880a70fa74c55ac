"""The stand-alone verifier, run as others run it: right on the true files, and on 200 tampered copies of them."""

import json
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from evidence import store
from reports.models import ReportPart
from riskregister import env
from seal import claims, exporting, sealing, signing
from seal.formats import merkle
from seal.formats.notes import Checkpoint
from tests.cast import NOON
from tests.reports import scene as reported

pytestmark = pytest.mark.django_db
VERIFIER = env.BASE_DIR / "script" / "verify_trail.py"
COPIES = 200


def verify(*words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", str(VERIFIER), *map(str, words), "--key", str(signing.signer().verifier)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def exported(kept_for_the_module: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with an exported trail, the proof of a report, the report, and the checkpoints that left."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("exported")
        patch.setattr(settings, "DATA_DIR", folder)
        patch.setattr(settings, "EVIDENCE_DIR", folder / "evidence")
        reported.issued(reported.build())
        sealing.seal(now=NOON)
        exporting.export(now=NOON)
        call_command("export_trail", folder / "trail.jsonl", stdout=StringIO())
        with (folder / "proof.json").open("w") as proof:
            call_command("prove_event", "RP-1", stdout=proof)
        with store.open_blob(ReportPart.objects.get().blob) as file:
            (folder / "report.pdf").write_bytes(file.read())
    return folder


@pytest.fixture
def files(exported: Path, settings: Any, tmp_path: Path) -> dict[str, Path]:
    """Return the files by what they are, which the test may change."""
    settings.DATA_DIR = shutil.copytree(exported, tmp_path, dirs_exist_ok=True)
    found = {"trail": tmp_path / "trail.jsonl", "proof": tmp_path / "proof.json", "pdf": tmp_path / "report.pdf"}
    return found | {"checkpoints": claims.file()}


def test_the_true_files_hold(files):
    trail = verify("trail", files["trail"], "--checkpoints", files["checkpoints"])
    proof = verify("proof", files["proof"], "--file", files["pdf"])

    assert (trail.returncode, proof.returncode) == (0, 0), trail.stdout + proof.stdout + proof.stderr
    assert "entries are what was sealed under localhost/trail." in trail.stdout
    assert "report.issued of RP-1" in proof.stdout
    assert "The file is the one that it names." in proof.stdout


def test_another_file_and_another_key_do_not_hold(files):
    other = verify("proof", files["proof"], "--file", files["trail"])
    key = "localhost/trail+5deJ091f+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
    command = [sys.executable, "-I", str(VERIFIER), "trail", str(files["trail"]), "--key", key]
    keyed = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (other.returncode, keyed.returncode) == (1, 1)
    assert "which the event does not name" in other.stdout
    assert "key" in keyed.stdout


def test_a_trail_that_was_cut_back_under_the_true_key_is_found_by_a_checkpoint_that_was_kept(files):
    newest = files["checkpoints"].read_text().splitlines()[-1]
    note = json.loads(newest)["note"]
    shorter = files["trail"].with_name("shorter.jsonl")
    lines = files["trail"].read_text().splitlines()
    size = int(note.splitlines()[1])
    body = [lines[0], *lines[1:5]]
    tree = merkle.Frontier()
    for line in body[1:]:
        tree.append(merkle.leaf_hash(json.loads(line)["entry"].encode()))
    checkpoint = Checkpoint(signing.origin(), 4, tree.root())
    body.append(json.dumps({"checkpoint": signing.signer().sign(checkpoint.text)}))
    shorter.write_text("\n".join(body) + "\n")

    assert verify("trail", shorter).returncode == 0
    found = verify("trail", shorter, "--checkpoints", files["checkpoints"])
    assert found.returncode == 1
    assert f"seals {size} entries: the trail was cut back to 4" in found.stdout


def _drop(lines: list[str], chance: random.Random) -> list[str]:
    place = chance.randrange(1, len(lines) - 1)
    return [*lines[:place], *lines[place + 1 :]]


def _double(lines: list[str], chance: random.Random) -> list[str]:
    place = chance.randrange(1, len(lines) - 1)
    return [*lines[:place], lines[place], *lines[place:]]


def _swap(lines: list[str], chance: random.Random) -> list[str]:
    one, other = chance.sample(range(1, len(lines) - 1), 2)
    found = list(lines)
    found[one], found[other] = found[other], found[one]
    return found


def _reword(lines: list[str], chance: random.Random) -> list[str]:
    place = chance.randrange(1, len(lines) - 1)
    text = json.loads(lines[place])["entry"]
    at = chance.randrange(len(text))
    changed = text[:at] + ("x" if text[at] != "x" else "y") + text[at + 1 :]
    return [*lines[:place], json.dumps({"entry": changed}), *lines[place + 1 :]]


def _cut(lines: list[str], chance: random.Random) -> list[str]:
    return [*lines[: chance.randrange(1, len(lines) - 1)], lines[-1]]


def _resign(lines: list[str], chance: random.Random) -> list[str]:
    note = json.loads(lines[-1])["checkpoint"]
    at = chance.randrange(len(note) - 1)
    changed = note[:at] + ("A" if note[at] != "A" else "B") + note[at + 1 :]
    return [*lines[:-1], json.dumps({"checkpoint": changed})]


TAMPERINGS: tuple[Callable[[list[str], random.Random], list[str]], ...] = (
    _drop,
    _double,
    _swap,
    _reword,
    _cut,
    _resign,
)


@pytest.mark.slow
def test_no_tampered_copy_holds(files):
    chance = random.Random(20261128)
    lines = files["trail"].read_text().splitlines()
    copy, held = files["trail"].with_name("copy.jsonl"), []
    for number in range(COPIES):
        tamper = TAMPERINGS[number % len(TAMPERINGS)]
        copy.write_text("\n".join(tamper(lines, chance)) + "\n")
        if verify("trail", copy).returncode != 1:
            held.append((number, tamper.__name__))

    assert not held
