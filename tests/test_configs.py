"""Each config as it ships: complete, trainable, and the same after a trip to the disk."""

from pathlib import Path

import pytest
import spacy
from spacy import util
from spacy.cli.init_config import fill_config
from spacy.cli.train import train
from spacy.schemas import ConfigSchemaTraining
from spacy.tokens import Doc, DocBin
from spacy.training.initialize import init_nlp
from spacy.util import registry

from spacy_rnn.cli.convert import convert

from .helpers import entities, modules, stir_model

ROOT = Path(__file__).parent.parent
CONFIGS = sorted((ROOT / "configs").glob("*.cfg"))
TEXTS = [
    "Virat Kohli bats for India in Mumbai.",
    "the bank of nowhere opened an office in lisbon",
    "NOBODY AT HALCYON FREIGHT SLEEPS",
    "",
    "Yes.",
]
each_config = pytest.mark.parametrize("config", CONFIGS, ids=lambda path: path.stem)


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    """A slice of the corpus that ships, with tags for a tagger."""
    folder = tmp_path_factory.mktemp("corpus")
    for part in ("train", "dev"):
        lines = (ROOT / "assets" / "ner" / f"{part}.txt").read_text(encoding="utf8").split("\n")
        (folder / f"{part}.txt").write_text("\n".join(lines[:24]), encoding="utf8")
        convert(folder / f"{part}.txt", folder / f"{part}.spacy")
        annotate(folder / f"{part}.spacy")
    return {f"paths.{part}": str(folder / f"{part}.spacy") for part in ("train", "dev")}


def annotate(path):
    """Give each token a tag and a lemma, and each text a class, slots and a normal form."""
    nlp = spacy.blank("en")
    for name in ("normal", "slots"):
        if not Doc.has_extension(name):
            Doc.set_extension(name, default=None)
    docs = list(DocBin().from_disk(path).get_docs(nlp.vocab))
    for doc in docs:
        doc._.normal = doc.text.lower()
        doc._.slots = [["begin", doc[0].text]]
        doc.cats = {"long": float(len(doc) > 9), "short": float(len(doc) <= 9)}
        for token in doc:
            token.tag_ = "NNP" if token.ent_type else "X"
            token.lemma_ = token.lower_
    DocBin(docs=docs, store_user_data=True).to_disk(path)


@pytest.fixture(scope="module")
def trained(paths, tmp_path_factory):
    """The folder of a pipeline that took some steps; each config trains once."""
    found = {}

    def trained(config):
        if config not in found:
            found[config] = tmp_path_factory.mktemp(config.stem)
            overrides = {**paths, "training.max_steps": 4, "training.eval_frequency": 2}
            train(config, found[config], overrides=overrides)
        return found[config] / "model-last"

    return trained


@pytest.fixture(scope="module")
def initialized(paths):
    """A pipeline before its first step."""

    def initialized(config):
        return init_nlp(util.load_config(config, overrides=paths))

    return initialized


@pytest.fixture
def classroom(initialized):
    """The net of the lecture, with random weights: its answers are wild."""
    return stirred(initialized(ROOT / "configs" / "lecture_ner.cfg"))


def stirred(nlp):
    for _, component in nlp.pipeline:
        stir_model(component.model)
    return nlp


def test_there_are_configs():
    assert [path.stem for path in CONFIGS] == [
        "lecture_generator",
        "lecture_ner",
        "lecture_sentiment",
        "lecture_seq2seq",
        "rnn_generator",
        "rnn_generator_labels",
        "rnn_lemmatizer",
        "rnn_ner",
        "rnn_ner_listener",
        "rnn_sentiment",
        "rnn_seq2seq",
        "rnn_tagger",
    ]


@each_config
def test_every_setting_is_known(config, paths):
    """A setting with a wrong name or type is an error."""
    nlp = util.load_model_from_config(util.load_config(config, overrides=paths), auto_fill=True)
    settings = nlp.config.interpolate()["training"]
    assert registry.resolve(settings, schema=ConfigSchemaTraining)["patience"] > 0


@each_config
def test_spacy_can_fill_it(config, tmp_path):
    _, filled = fill_config(tmp_path / "full.cfg", config, silent=True)
    before, after = fill_config(tmp_path / "again.cfg", tmp_path / "full.cfg", silent=True)
    assert before == after == filled


@each_config
def test_filling_changes_no_setting(config, tmp_path):
    _, filled = fill_config(tmp_path / "full.cfg", config, silent=True)
    ours = util.load_config(config)
    assert util.load_config(tmp_path / "full.cfg").merge(ours) == filled


@each_config
def test_it_learns(config, trained, initialized):
    nlp, fresh = spacy.load(trained(config)), initialized(config)
    assert nlp.pipe_names == fresh.pipe_names == util.load_config(config)["nlp"]["pipeline"]
    for name, component in nlp.pipeline:
        assert component.model.to_bytes() != fresh.get_pipe(name).model.to_bytes()


@each_config
def test_it_is_scored(config, trained):
    scores = {
        "generator": "rnn_generator_prob",
        "lemmatizer": "rnn_seq2seq_acc",
        "ner": "ents_f",
        "sentiment": "cats_score",
        "seq2seq": "rnn_seq2seq_acc",
        "tagger": "rnn_tagger_acc",
    }
    score = scores[config.stem.split("_")[1]]
    assert spacy.load(trained(config)).meta["performance"][score] >= 0


@each_config
def test_it_says_the_same_after_a_trip_to_the_disk(config, trained, tmp_path):
    nlp = stirred(spacy.load(trained(config)))
    nlp.to_disk(tmp_path)
    found = [answers(doc) for doc in nlp.pipe(docs(nlp))]
    assert found == [answers(doc) for doc in spacy.load(tmp_path).pipe(docs(nlp))]
    assert any(found)


def docs(nlp):
    """With labels or slots, which only a generator reads."""
    if not Doc.has_extension("slots"):
        Doc.set_extension("slots", default=None)
    for text in TEXTS:
        doc = nlp.make_doc(text)
        doc.cats = {"long": 1.0, "short": 0.0}
        doc._.slots = [["begin", "Eve"]]
        yield doc


def answers(doc):
    of_tokens = [value for token in doc for value in (token.tag_, token.lemma_) if value]
    return [*entities(doc), *of_tokens, *doc.cats.items(), *filter(None, written(doc))]


def written(doc):
    names = ("normal", "generated")
    return [doc._.get(name) for name in names if Doc.has_extension(name)]


@pytest.mark.parametrize(
    "name, shape",
    [
        ("layers.0.weight_ih_l0", (100, 10_000)),  # W_xh
        ("layers.0.weight_hh_l0", (100, 100)),  # W_hh
        ("layers.0.bias_ih_l0", (100,)),  # b_h
        ("output.weight", (1, 100)),  # W_hy
        ("output.bias", (1,)),  # b_y
    ],
)
def test_the_lecture_has_the_matrices_of_the_lecture(classroom, name, shape):
    assert weights(classroom)[name].shape == shape


def test_the_lecture_reads_from_left_to_right(classroom):
    assert not any("reverse" in name or "layers.1" in name for name in weights(classroom))


def weights(nlp):
    found = modules(nlp.get_pipe("rnn_ner").model)
    return {name: tensor for module in found for name, tensor in module.named_parameters()}


def test_the_lecture_tells_inside_from_outside(classroom):
    assert classroom.get_pipe("rnn_ner").labels == ("ENTITY",)
    assert {ent.label_ for doc in classroom.pipe(TEXTS) for ent in doc.ents} == {"ENTITY"}
