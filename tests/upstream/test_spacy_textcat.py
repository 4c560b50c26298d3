"""spaCy's own tests of `textcat` and `textcat_multilabel`, run against `rnn_sentiment` and
`rnn_sentiment_multilabel`; each of them is a test of ours.

`nodes_textcat.txt` names them, README.md says which do not apply and why.
"""

from typing import Any, Dict

import pytest

from .runner import read_nodes, run_swapped

NODES = read_nodes("nodes_textcat.txt")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Dict[str, Dict[str, Any]]:
    """What became of each."""
    return run_swapped("textcat", NODES, tmp_path_factory.mktemp("upstream"))


@pytest.mark.parametrize("node", NODES)
def test_spacy_test(results: Dict[str, Dict[str, Any]], node: str) -> None:
    result = results[node]
    assert result["outcome"] == "passed", result["why"]
    assert result["made"], "made no rnn_sentiment, so it proves nothing about it"


def test_enough_of_them_count(results: Dict[str, Dict[str, Any]]) -> None:
    counted = [r for r in results.values() if r["made"] and r["outcome"] == "passed"]
    assert len(counted) >= 80
