"""A pytest plugin that hands spaCy's own tests an `rnn_ner` where they ask for `ner`.

    python -m pytest -p swap --swap-report report.json FILE::TEST ...

The tests stay as they are; only the factory is another one. A test proves something
about our component only if it builds one, so the report says how many it built.
"""

import functools
import json
from pathlib import Path
from typing import Any, Callable, Dict, Generator

import pytest
from spacy.language import Language

from spacy_rnn.components.rnn_ner import RNNEntityRecognizer

THEIRS, OURS = "ner", "rnn_ner"
# What our component can be told; the rest steers the transition system
KNOWN_KEYS = ("factory", "model", "scorer")

results: Dict[str, Dict[str, Any]] = {}
built = 0


def translate(config: Dict[str, Any]) -> Dict[str, Any]:
    """The config of an `ner` as one of an `rnn_ner`, over the same `tok2vec`."""
    config = {key: config[key] for key in KNOWN_KEYS if key in config}
    if "factory" in config:
        config["factory"] = OURS
    model = config.get("model", {})
    if "TransitionBasedParser" in model.get("@architectures", ""):
        config["model"] = {"@architectures": "spacy_rnn.SequenceLabeler.v1"}
        config["model"].update((key, model[key]) for key in ("tok2vec",) if key in model)
    return config


def swapped(method: Callable[..., Any]) -> Callable[..., Any]:
    """A method of `Language` that makes components, with our factory for theirs."""

    @functools.wraps(method)
    def wrapper(nlp: Language, factory_name: str, name: Any = None, **kwargs: Any) -> Any:
        if factory_name == THEIRS and kwargs.get("source") is None:
            factory_name, name = OURS, name or THEIRS
            for key in {"config", "raw_config"} & kwargs.keys():
                kwargs[key] = kwargs[key] and translate(kwargs[key])
        return method(nlp, factory_name, name, **kwargs)

    return wrapper


def counted(init: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(init)
    def wrapper(*args: Any, **kwargs: Any) -> None:
        global built
        init(*args, **kwargs)
        built += 1

    return wrapper


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--swap-report", type=Path, required=True, help="where the results go")


def pytest_configure(config: pytest.Config) -> None:
    Language.add_pipe = swapped(Language.add_pipe)
    Language.create_pipe = swapped(Language.create_pipe)
    RNNEntityRecognizer.__init__ = counted(RNNEntityRecognizer.__init__)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    global built
    report = yield
    result = results.setdefault(item.nodeid, {"outcome": "passed", "built": 0, "why": ""})
    result["built"] += built
    built = 0
    if not report.passed:
        result.update(outcome=report.outcome, why=report.longreprtext)
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    session.config.option.swap_report.write_text(json.dumps(results), encoding="utf8")
