from zipfile import ZipFile

import pytest

from spacy_rnn.data.folders import MENDED, read_zip
from spacy_rnn.errors import DataError


@pytest.fixture
def read(tmp_path):
    """Read a zip of these files."""

    def read(**files):
        with ZipFile(tmp_path / "a.zip", "w") as archive:
            for name, text in files.items():
                archive.writestr(name, text)
        return read_zip(tmp_path / "a.zip")

    return read


def found(records):
    return [(record.place, record.text, record.label) for record in records]


def test_a_folder_is_a_class_and_a_file_a_text(read):
    records = read(**{"all/pos/1.txt": "good\n\nfilm \n", "all/neg/1.txt": "bad", "all/README": ""})
    assert found(records) == [
        ("all/pos/1.txt", "good\n\nfilm", "pos"),
        ("all/neg/1.txt", "bad", "neg"),
    ]


def test_folders_of_one_name_are_one_class(read):
    records = read(**{"train/pos/1": "a", "test/pos/1": "b", "test/neg/1": "c"})
    assert [record.label for record in records] == ["pos", "pos", "neg"]


@pytest.mark.parametrize(
    "names, labels",
    [
        (["a.neg", "a.pos"], ["neg", "pos"]),
        (["plot.tok.500", "quote.tok.500"], ["plot", "quote"]),
        (["neg.txt", "pos.txt"], ["neg", "pos"]),
    ],
)
@pytest.mark.parametrize("folder", ["", "all/"])
def test_a_file_is_a_class_and_a_line_a_text(read, folder, names, labels):
    files = {f"{folder}{name}": "one\n\ntwo \n" for name in names}
    records = read(**files, **{f"{folder}ReadMe.txt": "x", "__MACOSX/a": "x", ".hidden": "x"})
    assert found(records) == [
        (f"{name} line {line}", text, label)
        for name, label in zip(names, labels)
        for line, text in [(1, "one"), (2, ""), (3, "two")]
    ]


def test_marks_of_windows_are_mended_and_noted(read):
    slow, fine = read(**{"a.neg": "slow \x96 \x93and\x94 \x81", "a.pos": "fine – “and”"})
    assert slow.text == "slow – “and” \x81"
    assert (slow.note, fine.note) == (MENDED, "")


@pytest.mark.parametrize("files", [{}, {"a.txt": "x"}, {"a/pos/1": "x", "b/pos/1": "y"}])
def test_a_zip_without_classes_is_refused(read, files):
    with pytest.raises(DataError, match=r"a\.zip: no folders or files that are classes"):
        read(**files)


def test_other_bytes_than_utf8_are_named(read):
    with pytest.raises(DataError, match=r"a\.zip/a\.pos:2: byte 4 of the line is not UTF-8"):
        read(**{"a.neg": "bad", "a.pos": b"good\ncaf\xe9\n"})


@pytest.mark.parametrize("damage", [lambda d: b"no zip", lambda d: d[: len(d) // 2]])
def test_a_damaged_zip_is_refused(read, tmp_path, damage):
    path = tmp_path / "a.zip"
    read(**{"a.neg": "bad", "a.pos": "good"})
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(DataError, match=r"a\.zip: the packed file is damaged"):
        read_zip(path)


def test_a_changed_byte_is_found(read, tmp_path):
    path = tmp_path / "a.zip"
    read(**{"a.neg": "bad", "a.pos": "good"})
    path.write_bytes(path.read_bytes().replace(b"good", b"food"))
    with pytest.raises(DataError, match=r"damaged or cut off \(Bad CRC-32"):
        read_zip(path)


def test_a_missing_zip_is_named(tmp_path):
    with pytest.raises(DataError, match=r"b\.zip: cannot be opened"):
        read_zip(tmp_path / "b.zip")


def test_polarity_has_its_sentences(real_data):
    records = read_zip(real_data / "sent_sentence_polarity" / "sentence_polarity.zip")
    assert len(records) == 10_662 and all(record.text for record in records)
    assert sum(record.label == "pos" for record in records) == 5331
    assert not any("\x80" <= char < "\xa0" for record in records for char in record.text)
    assert sum("é" in record.text for record in records) > 50


def test_movie_reviews_have_their_documents(real_data):
    records = read_zip(real_data / "sent_movie_reviews" / "movie_reviews.zip")
    assert len(records) == 2000
    assert sum(record.label == "pos" for record in records) == 1000
    assert min(len(record.text.split()) for record in records) > 10
