import gzip
import hashlib
import lzma
from pathlib import Path

import pytest

from spacy_rnn.data.corpora import corpus_assets, find, provide
from spacy_rnn.errors import DataError

PROJECT = Path(__file__).parent.parent.parent
DATA = b"Rome B-LOC\n"
URL = "https://example.org/train.conll"
PACKERS = {"": bytes, ".gz": gzip.compress, ".xz": lzma.compress}


def md5(data):
    return hashlib.md5(data).hexdigest()


ASSET = {"dest": "raw/some/train.conll", "url": URL, "checksum": md5(DATA)}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder that the user names."""
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setenv("SPACY_RNN_DATA", str(folder))
    return folder


@pytest.fixture(autouse=True)
def fetched(monkeypatch):
    """What is fetched; no test reaches the network."""
    monkeypatch.delenv("SPACY_RNN_DATA", raising=False)
    return answer(monkeypatch, DATA)


def answer(monkeypatch, data):
    """Let the network give this, or raise it."""
    urls = []

    def fetch_asset(project, url, dest, checksum=None):
        urls.append(url)
        if isinstance(data, BaseException):
            raise data
        (project / dest).parent.mkdir(parents=True, exist_ok=True)
        if not (project / dest).exists():  # weasel keeps what is there
            (project / dest).write_bytes(data)

    monkeypatch.setattr("spacy_rnn.data.corpora.fetch_asset", fetch_asset)
    return urls


@pytest.mark.parametrize("ending", PACKERS)
def test_finds_a_file_by_what_is_in_it(folder, ending):
    (folder / "deep").mkdir()
    (folder / "deep" / f"another name{ending}").write_bytes(PACKERS[ending](DATA))
    assert find(md5(DATA)) == DATA


def test_finds_nothing_where_there_is_nothing(folder):
    (folder / "train.conll").write_bytes(DATA + b"\n")
    assert find(md5(DATA)) is None


def test_finds_nothing_without_a_folder():
    assert find(md5(DATA)) is None


@pytest.mark.parametrize("name", ["nowhere", "a file"])
def test_what_is_no_folder_is_refused_by_name(folder, monkeypatch, fetched, tmp_path, name):
    (folder / "a file").write_bytes(DATA)
    monkeypatch.setenv("SPACY_RNN_DATA", str(folder / name))
    with pytest.raises(DataError, match=f"SPACY_RNN_DATA is .*{name}', which is not a folder"):
        provide(tmp_path, ASSET)
    assert fetched == []


@pytest.mark.parametrize("ending", [".gz", ".xz"])
@pytest.mark.parametrize("damage", ["cut off", "foreign", "changed"])
def test_damaged_files_are_passed_over(folder, ending, damage):
    packed = PACKERS[ending](DATA * 50)
    middle = len(packed) // 2
    changed = packed[:middle] + bytes(255 - b for b in packed[middle:])
    data = {"cut off": packed[:middle], "foreign": b"text", "changed": changed}[damage]
    (folder / f"a{ending}").write_bytes(data)
    (folder / "b").write_bytes(DATA)
    assert find(md5(DATA)) == DATA


def test_a_file_that_is_there_is_taken(tmp_path, fetched):
    target = tmp_path / ASSET["dest"]
    target.parent.mkdir(parents=True)
    target.write_bytes(b"my own")
    assert provide(tmp_path, ASSET).read_bytes() == b"my own"
    assert fetched == []


def test_a_file_that_is_found_is_copied(tmp_path, folder, fetched):
    (folder / "x.gz").write_bytes(gzip.compress(DATA))
    assert provide(tmp_path, ASSET) == tmp_path / ASSET["dest"]
    assert (tmp_path / ASSET["dest"]).read_bytes() == DATA
    assert fetched == []


def test_a_file_that_is_not_found_is_fetched(tmp_path, folder, fetched):
    assert provide(tmp_path, ASSET).read_bytes() == DATA
    assert fetched == [URL]


def test_nothing_but_the_file_is_left(tmp_path):
    target = provide(tmp_path, ASSET)
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize("why", [OSError("no route"), SystemExit(1), ValueError("no route")])
def test_a_failure_names_the_url_the_folder_and_the_path(tmp_path, monkeypatch, why):
    answer(monkeypatch, why)
    with pytest.raises(DataError) as caught:
        provide(tmp_path, ASSET)
    message = str(caught.value)
    assert URL in message and "SPACY_RNN_DATA" in message and str(why) in message
    assert str(tmp_path / ASSET["dest"]) in message


def test_another_file_than_the_wanted_one_is_refused(tmp_path, monkeypatch):
    answer(monkeypatch, b"<html>Sorry</html>")
    with pytest.raises(DataError, match="checksum"):
        provide(tmp_path, ASSET)
    assert not (tmp_path / ASSET["dest"]).exists()


def test_half_a_file_is_never_taken_for_the_whole(tmp_path, monkeypatch):
    """The first try is interrupted, the second is not."""

    def interrupted(project, url, dest, checksum=None):
        (project / dest).parent.mkdir(parents=True, exist_ok=True)
        (project / dest).write_bytes(DATA[:4])
        raise KeyboardInterrupt

    monkeypatch.setattr("spacy_rnn.data.corpora.fetch_asset", interrupted)
    with pytest.raises(KeyboardInterrupt):
        provide(tmp_path, ASSET)
    answer(monkeypatch, DATA)
    assert provide(tmp_path, ASSET).read_bytes() == DATA


def test_weasel_fetches_into_a_project_elsewhere(tmp_path, monkeypatch):
    """Its own function, with a path for an URL: the folder of the project counts once."""
    monkeypatch.undo()
    monkeypatch.delenv("SPACY_RNN_DATA", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "source").write_bytes(DATA)
    (tmp_path / "project").mkdir()
    asset = {**ASSET, "url": str(tmp_path / "source")}
    assert provide(Path("project"), asset).read_bytes() == DATA
    assert (tmp_path / "project" / ASSET["dest"]).exists()


def test_a_shipped_file_that_is_missing_is_named(tmp_path):
    with pytest.raises(DataError, match=r"train\.txt is missing, and project\.yml has no URL"):
        provide(tmp_path, {"dest": "assets/ner/train.txt"})


@pytest.mark.parametrize(
    "corpus, files",
    [
        ("sample", ["train.txt", "dev.txt", "test.txt"]),
        ("wnut17", ["train.conll", "dev.conll", "test.conll"]),
        ("uner", ["train.iob2", "dev.iob2", "test.iob2"]),
        ("wikigold", ["all.conll"]),
        ("ud_english_ewt", ["train.conllu", "dev.conllu", "test.conllu"]),
        ("ud_turkish_framenet", ["train.conllu", "dev.conllu", "test.conllu"]),
        ("polarity", ["all.zip"]),
        ("movie_reviews", ["all.zip"]),
    ],
)
def test_corpora_of_the_project(corpus, files):
    assert [Path(a["dest"]).name for a in corpus_assets(PROJECT, corpus)] == files


def test_each_task_has_a_sample():
    found = {task: corpus_assets(PROJECT, "sample", task) for task in ("ner", "sentiment")}
    assert [asset["dest"] for asset in found["sentiment"]] == [
        f"assets/sentiment/{part}.csv" for part in ("train", "dev", "test")
    ]
    assert found["ner"] == corpus_assets(PROJECT, "sample")


def test_a_real_corpus_is_the_same_for_each_task():
    uner = corpus_assets(PROJECT, "uner", "ner")
    assert [corpus_assets(PROJECT, "uner", task) for task in ("sentiment", "seq2seq")] == [uner] * 2


def test_an_unknown_task_is_told_the_known_ones():
    with pytest.raises(DataError, match="a sample ships for: ner, sentiment, seq2seq, generator"):
        corpus_assets(PROJECT, "sample", "tags")


@pytest.mark.parametrize("corpus", ["conll", "ner", "sentiment", "", "raw", "."])
def test_an_unknown_corpus_is_told_the_known_ones(corpus):
    known = (
        "movie_reviews, names, polarity, rnnlg_laptop, rnnlg_restaurant, sample, "
        "tinyshakespeare, ud_english_ewt, ud_turkish_framenet, uner, wikigold, wnut17"
    )
    with pytest.raises(DataError, match=f"There are: {known}"):
        corpus_assets(PROJECT, corpus)


@pytest.mark.parametrize(
    "corpus",
    [
        "wnut17",
        "uner",
        "wikigold",
        "ud_english_ewt",
        "ud_turkish_framenet",
        "polarity",
        "movie_reviews",
    ],
)
def test_the_real_files_are_found(real_data, corpus, monkeypatch):
    monkeypatch.setenv("SPACY_RNN_DATA", str(real_data))
    assert all(find(asset["checksum"]) for asset in corpus_assets(PROJECT, corpus))
