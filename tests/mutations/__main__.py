"""Tries many mutations on SQLite and on PostgreSQL; the suite tries some hundreds (tests/seal/test_mutations.py).

Usage: python -m tests.mutations [--number 10000] [--seed 2026]
"""

import argparse
import os
import subprocess
import sys

SQLITE, POSTGRES = ["-m", "pytest"], ["-m", "tests.machines", sys.executable, "-m", "pytest"]


def main(words: list[str]) -> int:
    """Try so many mutations on both engines; return an exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--number", type=int, default=10_000, help="how many on each engine")
    parser.add_argument("--seed", type=int, default=2026)
    asked = parser.parse_args(words)
    env = {**os.environ, "MUTATIONS": str(asked.number), "MUTATIONS_SEED": str(asked.seed)}
    tests = ["-q", "-s", "tests/seal/test_mutations.py"]
    return max(subprocess.run([sys.executable, *how, *tests], env=env, check=False).returncode
               for how in (SQLITE, POSTGRES))  # fmt: skip


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
