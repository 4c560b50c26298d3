"""Each message has one number, and each number is used."""

import re
from collections import Counter
from pathlib import Path

import spacy_rnn
from spacy_rnn.errors import Errors, Warnings

PACKAGE = Path(spacy_rnn.__file__).parent
NUMBER = re.compile(r"RW?\d{2,3}$")


def numbers(*classes):
    return [name for each in classes for name in vars(each) if NUMBER.match(name)]


def test_no_number_stands_for_two_messages():
    assert [n for n, times in Counter(numbers(*Errors.__bases__)).items() if times > 1] == []


def test_every_message_is_used_and_every_number_exists():
    source = "".join(path.read_text(encoding="utf8") for path in PACKAGE.rglob("*.py"))
    used = set(re.findall(r"(?:Errors|Warnings)\.(RW?\d{2,3})\b", source))
    assert used == set(numbers(*Errors.__bases__, Warnings))
