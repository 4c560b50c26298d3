"""A pytest plugin that hands spaCy's own tests an `rnn_ner` where they ask for `ner`.

    python -m pytest -p swap --swap-report report.json FILE::TEST ...

The tests stay as they are; only the factory is another one. A test proves something
about our component only if it makes one, so the report says how many each test made.
"""

import functools
import json
import os
from collections import Counter
from pathlib import Path
from typing import Any, Callable, Dict, Generator

import pytest
from spacy.language import Language

from spacy_rnn.components.rnn_ner import RNNEntityRecognizer

THEIRS, OURS = "ner", "rnn_ner"
KNOWN_KEYS = ("model", "scorer")  # the other settings of `ner` steer its transitions

made: Counter[str] = Counter()
results: Dict[str, Dict[str, Any]] = {}


def translate(config: Dict[str, Any]) -> Dict[str, Any]:
    """The config of an `ner` as that of an `rnn_ner` over the same `tok2vec`."""
    ours = {key: config[key] for key in KNOWN_KEYS if key in config}
    if "factory" in config:
        ours["factory"] = OURS
    model = config.get("model", {})
    if model.get("@architectures", "").startswith("spacy.TransitionBasedParser."):
        tok2vec = {"tok2vec": model["tok2vec"]}
        ours["model"] = {"@architectures": "spacy_rnn.SequenceLabeler.v1", **tok2vec}
    return ours


def swapped(method: Callable[..., Any]) -> Callable[..., Any]:
    """A method of `Language` that makes components, with our factory for theirs."""

    @functools.wraps(method)
    def wrapper(nlp: Language, factory: str, name: Any = None, **kwargs: Any) -> Any:
        # With a source the first argument is the name of a component, not of a factory
        if factory == THEIRS and kwargs.get("source") is None:
            factory, name = OURS, name or THEIRS
            given = [key for key in ("config", "raw_config") if kwargs.get(key)]
            kwargs.update((key, translate(kwargs[key])) for key in given)
        return method(nlp, factory, name, **kwargs)

    return wrapper


def counted(init: Callable[..., None]) -> Callable[..., None]:
    """A constructor that notes for which test it ran."""

    @functools.wraps(init)
    def wrapper(*args: Any, **kwargs: Any) -> None:
        init(*args, **kwargs)
        made[os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")[0]] += 1

    return wrapper


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--swap-report", type=Path, required=True, help="where the results go")


def pytest_configure() -> None:
    Language.add_pipe = swapped(Language.add_pipe)
    Language.create_pipe = swapped(Language.create_pipe)
    RNNEntityRecognizer.__init__ = counted(RNNEntityRecognizer.__init__)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    report = yield
    result = results.setdefault(item.nodeid, {"outcome": "passed", "why": ""})
    if not report.passed:
        result.update(outcome=report.outcome, why=report.longreprtext)
    result["made"] = made[item.nodeid]
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    session.config.option.swap_report.write_text(json.dumps(results), encoding="utf8")
