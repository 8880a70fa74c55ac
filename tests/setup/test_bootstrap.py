"""script/bootstrap: what it says and does on machines that lack something."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from riskregister.env import BASE_DIR


def put(programs: Path, name: str, script: str) -> None:
    program = programs / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """Return a folder of programs that stands for a machine: only what is put there is on the PATH."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("sh", "dirname", "uname", "cat", "cksum", "id"):
        # A program that calls the real one, never a link: a test that puts another in its place must not write through.
        put(programs, name, f'exec {shutil.which(name)} "$@"')
    return programs


def bootstrap(programs: Path, *arguments: str, venv: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [BASE_DIR / "script" / "bootstrap", *arguments],
        env={"PATH": str(programs), "RISKREGISTER_VENV": str(venv)},
        capture_output=True,
        text=True,
        check=False,
    )


def make_venv(programs: Path, venv: Path, *, has_pango: bool) -> None:
    """Make an environment that looks installed: its stamps hold the checksums of today's locks."""
    (venv / "bin").mkdir(parents=True)
    put(
        venv / "bin",
        "python",
        f'case $1 in *has_pango.py) exit {0 if has_pango else 1} ;; esac; echo "$@" >>{venv}/ran',
    )
    for name in ("base", "test"):
        with (BASE_DIR / "requirements" / f"{name}.txt").open() as lock:
            stamp = subprocess.run(["cksum"], stdin=lock, capture_output=True, text=True, check=True).stdout
        (venv / f"locked-{name}").write_text(stamp)


def test_names_the_command_that_installs_python(machine, tmp_path):
    done = bootstrap(machine, venv=tmp_path / "venv")

    assert done.returncode == 1
    assert "Python 3.11 or newer is needed" in done.stderr
    assert "sudo apt-get install python3 python3-venv" in done.stderr
    assert "brew install python" in done.stderr


def test_passes_a_python_by_that_is_too_old(machine, tmp_path):
    put(machine, "python3", "exit 1")
    put(machine, "python3.12", f'case $* in *version_info*) exit 0 ;; *ensurepip*) exit 1 ;; esac; echo "{tmp_path}"')
    put(machine, "id", "echo 1000")

    done = bootstrap(machine, venv=tmp_path / "venv")

    assert done.returncode == 1
    assert "cannot make virtual environments. Run: sudo apt-get install python3-venv" in done.stderr
    assert not (tmp_path / "venv").exists()


def found(programs: Path, **named: str) -> str:
    asked = subprocess.run(
        [BASE_DIR / "script" / "find_python"],
        env={"PATH": str(programs), **named},
        capture_output=True,
        text=True,
        check=True,
    )
    return Path(asked.stdout.strip()).name


def test_takes_a_python_that_was_compiled_with_optimization_before_the_first(machine):
    put(machine, "python3", 'case $* in *sysconfig*) exit 1 ;; *"< (3, 14)"*) exit 0 ;; esac; exit 1')
    assert found(machine) == "python3"

    put(machine, "python3.12", "exit 0")
    put(machine, "python3.11", "exit 0")

    assert found(machine) == "python3.12"
    assert found(machine, PYTHON="python3.11") == "python3.11"


def test_takes_a_newer_python_only_where_there_is_none_in_range(machine):
    put(machine, "python3", 'case $* in *sysconfig*|*"< (3, 99)"*) exit 0 ;; esac; exit 1')
    assert found(machine) == "python3"

    put(machine, "python3.11", 'case $* in *"< (3, 14)"*) exit 0 ;; esac; exit 1')

    assert found(machine) == "python3.11"


def test_names_the_command_that_installs_pango(machine, tmp_path):
    make_venv(machine, tmp_path / "venv", has_pango=False)
    put(machine, "id", "echo 1000")

    done = bootstrap(machine, venv=tmp_path / "venv")

    assert done.returncode == 1
    assert "apt-get install --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0" in done.stderr
    assert "brew install pango" in done.stderr


def test_installs_nothing_a_second_time(machine, tmp_path):
    make_venv(machine, tmp_path / "venv", has_pango=True)

    done = bootstrap(machine, "test", venv=tmp_path / "venv")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not (tmp_path / "venv" / "ran").exists()


def test_installs_again_with_hashes_when_the_lock_has_changed(machine, tmp_path):
    venv = tmp_path / "venv"
    make_venv(machine, venv, has_pango=True)
    (venv / "locked-base").write_text("another lock")
    put(venv / "bin", "uv", "exit 1")

    done = bootstrap(machine, venv=venv)

    assert done.returncode == 0
    assert "--require-hashes -r requirements/base.txt" in (venv / "ran").read_text()
    assert (venv / "locked-base").read_text() != "another lock"


def test_refuses_a_lock_that_it_does_not_know(machine, tmp_path):
    done = bootstrap(machine, "production", venv=tmp_path / "venv")

    assert (done.returncode, done.stderr) == (2, "script/bootstrap: say base, test or servers, not production.\n")


def test_the_scripts_can_be_run():
    scripts = [
        "script/bootstrap",
        "script/find_python",
        "script/server",
        "script/test",
        "script/lint",
        "script/lock",
        ".ci/run",
    ]

    assert [name for name in scripts if not os.access(BASE_DIR / name, os.X_OK)] == []
