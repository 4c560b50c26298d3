"""Runs spaCy's own tests in a process of their own, with a component of ours for theirs."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, List

import spacy

HERE = Path(__file__).parent
SPACY_TESTS = Path(spacy.__file__).parent / "tests"

OPTIONS = [
    *("-p", "swap"),
    *("-p", "no:warnings"),  # theirs are not ours
    *("-p", "no:cacheprovider"),  # leaves nothing beside spaCy
    *("-c", os.devnull),  # not our settings either
    *("--rootdir", str(SPACY_TESTS)),
    *("--confcutdir", str(SPACY_TESTS)),
    *("--tb", "short"),
    "--slow",
]
# Threads that wait for each other take minutes where cores are busy
ENVIRONMENT = {"PYTHONPATH": str(HERE), "PYTEST_ADDOPTS": "", "OMP_NUM_THREADS": "1"}


def read_nodes(file: str) -> List[str]:
    """The tests that a file names, relative to `spacy/tests`."""
    return (HERE / file).read_text(encoding="utf8").split()


def run_swapped(theirs: str, nodes: List[str], folder: Path) -> Dict[str, Dict[str, Any]]:
    """Run tests of spaCy, all once in a process of their own: the swap is global.

    theirs (str): The factory that gives way: "ner" or "tagger".
    nodes (List[str]): The tests.
    folder (Path): Where to run them.
    RETURNS (Dict[str, Dict[str, Any]]): What became of each.
    """
    report = folder / "report.json"
    options = [*OPTIONS, "--swap", theirs, "--swap-report", str(report)]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *(f"{SPACY_TESTS}/{node}" for node in nodes)],
        cwd=folder,
        env={**os.environ, **ENVIRONMENT},
        capture_output=True,
        text=True,
        timeout=900,
    )
    # 1 means that a test failed, which the test of that name tells better
    assert done.returncode in (0, 1), done.stdout[-4000:] + done.stderr[-4000:]
    results: Dict[str, Dict[str, Any]] = json.loads(report.read_text(encoding="utf8"))
    return results
