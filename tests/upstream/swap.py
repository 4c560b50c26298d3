"""A pytest plugin that hands spaCy's own tests a component of ours for theirs: an `rnn_ner`
where they ask for `ner`, an `rnn_tagger` where they ask for `tagger`, an `rnn_sentiment` where
they ask for `textcat` and an `rnn_sentiment_multilabel` where they ask for its sister.

    python -m pytest -p swap --swap ner --swap-report report.json FILE::TEST ...

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
from spacy_rnn.components.rnn_sentiment import RNNTextCategorizer
from spacy_rnn.components.rnn_tagger import RNNTagger

OURS = {
    "ner": {"ner": "rnn_ner"},
    "tagger": {"tagger": "rnn_tagger"},
    "textcat": {
        "textcat": "rnn_sentiment",
        "textcat_multilabel": "rnn_sentiment_multilabel",
    },
}
CLASSES = {"ner": RNNEntityRecognizer, "tagger": RNNTagger, "textcat": RNNTextCategorizer}
# The other settings steer the transitions of `ner`, or the loss of `tagger`
KNOWN_KEYS = ("model", "scorer", "overwrite", "label_smoothing", "threshold")
LABELERS = ("spacy.TransitionBasedParser.", "spacy.Tagger.")
CLASSIFIER = "spacy.TextCat"

made: Counter[str] = Counter()
results: Dict[str, Dict[str, Any]] = {}


def translate(config: Dict[str, Any], factory: str) -> Dict[str, Any]:
    """Their config as that of our factory over the same `tok2vec`."""
    ours = {key: config[key] for key in KNOWN_KEYS if key in config}
    if "factory" in config:
        ours["factory"] = factory
    model = config.get("model", {})
    architecture = model.get("@architectures", "")
    if architecture.startswith(LABELERS):
        decoding = "crf" if factory == "rnn_ner" else "softmax"
        ours["model"] = {"@architectures": "spacy_rnn.SequenceLabeler.v1", "decoding": decoding}
    elif architecture.startswith(CLASSIFIER):
        ours["model"] = translate_classifier(architecture, model)
    if ours.get("model", model) is not model and "tok2vec" in model:
        ours["model"]["tok2vec"] = model["tok2vec"]
    return ours


def translate_classifier(architecture: str, model: Dict[str, Any]) -> Dict[str, Any]:
    """The n-grams and the pools that they have; whatever is left out stays as we have it."""
    ours = {"@architectures": "spacy_rnn.SequenceClassifier.v1"}
    ours["ngrams"] = model.get("linear_model", model).get("ngram_size", 0)
    if architecture.startswith("spacy.TextCatReduce."):
        pools = [pool for pool in ("last", "max", "mean") if model[f"use_reduce_{pool}"]]
        ours["pooling"] = pools
    elif architecture.startswith("spacy.TextCatCNN."):
        ours["pooling"] = ["mean"]
    elif "tok2vec" in model:  # an ensemble attends, too
        ours["pooling"] = ["attention"]
    return ours


def swapped(method: Callable[..., Any], factories: Dict[str, str]) -> Callable[..., Any]:
    """A method of `Language` that makes components, with our factories for theirs."""

    @functools.wraps(method)
    def wrapper(nlp: Language, factory_name: str, name: Any = None, **kwargs: Any) -> Any:
        # With a source the first argument is the name of a component, not of a factory.
        # It may be anything where a test makes mistakes, even what has no hash
        if factory_name in list(factories) and kwargs.get("source") is None:
            name, factory_name = name or factory_name, factories[factory_name]
            given = [key for key in ("config", "raw_config") if kwargs.get(key)]
            kwargs.update((key, translate(kwargs[key], factory_name)) for key in given)
        return method(nlp, factory_name, name, **kwargs)

    return wrapper


def counted(init: Callable[..., None]) -> Callable[..., None]:
    """A constructor that notes for which test it ran."""

    @functools.wraps(init)
    def wrapper(*args: Any, **kwargs: Any) -> None:
        init(*args, **kwargs)
        made[os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")[0]] += 1

    return wrapper


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--swap", choices=list(OURS), required=True, help="their factory")
    parser.addoption("--swap-report", type=Path, required=True, help="where the results go")


def pytest_configure(config: pytest.Config) -> None:
    theirs = config.option.swap
    Language.add_pipe = swapped(Language.add_pipe, OURS[theirs])
    Language.create_pipe = swapped(Language.create_pipe, OURS[theirs])
    CLASSES[theirs].__init__ = counted(CLASSES[theirs].__init__)


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
