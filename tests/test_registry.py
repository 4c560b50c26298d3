import configparser
import importlib
from pathlib import Path

import pytest
from spacy.language import Language
from spacy.util import registry

CONFIG = configparser.ConfigParser()
CONFIG.read(Path(__file__).parent.parent / "setup.cfg", encoding="utf8")
ENTRY_POINTS = [
    (group, *(part.strip() for part in line.split("=")))
    for group, lines in CONFIG["options.entry_points"].items()
    for line in lines.strip().splitlines()
]
IN_GROUP = {group: [e for e in ENTRY_POINTS if e[0] == group] for group, _, _ in ENTRY_POINTS}


def load(target):
    module, name = target.split(":")
    return getattr(importlib.import_module(module), name)


@pytest.mark.parametrize("group,name,target", ENTRY_POINTS)
def test_every_entry_point_loads(group, name, target):
    assert load(target) is not None


@pytest.mark.parametrize(
    "group,name,target",
    [e for e in ENTRY_POINTS if e[0] not in ("spacy_factories", "spacy_cli")],
)
def test_spacy_finds_every_registered_function(group, name, target):
    found = registry.get(group.partition("_")[2], name)  # schedules are Thinc's
    assert found.__qualname__ == load(target).__qualname__


@pytest.mark.parametrize("group,name,target", IN_GROUP["spacy_factories"])
def test_spacy_finds_every_factory(group, name, target):
    assert Language.get_factory_meta(name).factory == name


def test_every_registered_name_is_an_entry_point():
    """A checkout that is not installed and one that is offer the same."""
    ours = {n for n in registry.architectures.get_all() if n.startswith("spacy_rnn.")}
    assert ours == {name for _, name, _ in IN_GROUP["spacy_architectures"]}
