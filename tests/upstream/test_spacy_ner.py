"""spaCy's own tests of `ner`, run against `rnn_ner`; each of them is a test of ours.

`nodes.txt` names them, README.md says which do not apply and why.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict

import pytest
import spacy

HERE = Path(__file__).parent
SPACY_TESTS = Path(spacy.__file__).parent / "tests"
NODES = (HERE / "nodes.txt").read_text(encoding="utf8").split()

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


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Dict[str, Dict[str, Any]]:
    """What became of each, all run once in a process of their own: the swap is global."""
    directory = tmp_path_factory.mktemp("upstream")
    report = directory / "report.json"
    paths = [f"{SPACY_TESTS}/{node}" for node in NODES]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *OPTIONS, "--swap-report", str(report), *paths],
        cwd=directory,
        env={**os.environ, **ENVIRONMENT},
        capture_output=True,
        text=True,
        timeout=900,
    )
    # 1 means that a test failed, which the test of that name tells better
    assert done.returncode in (0, 1), done.stdout[-4000:] + done.stderr[-4000:]
    return json.loads(report.read_text(encoding="utf8"))


@pytest.mark.parametrize("node", NODES)
def test_spacy_test(results: Dict[str, Dict[str, Any]], node: str) -> None:
    result = results[node]
    assert result["outcome"] == "passed", result["why"]
    assert result["made"], "made no rnn_ner, so it proves nothing about it"


def test_enough_of_them_count(results: Dict[str, Dict[str, Any]]) -> None:
    counted = [r for r in results.values() if r["made"] and r["outcome"] == "passed"]
    assert len(counted) >= 45
