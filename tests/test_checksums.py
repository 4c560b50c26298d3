import hashlib
import shutil
import subprocess

import pytest

from spacy_rnn.checksums import SUMS, verify_sums, write_sums
from spacy_rnn.errors import CorruptModelError

FILES = {"cfg": b"{}\n", "weights": bytes(range(64)), "sub/name with  blanks": b"x\n", "é": b""}


@pytest.fixture
def directory(tmp_path):
    for name, data in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    write_sums(tmp_path)
    return tmp_path


def flips(data):
    """The bytes with each single bit flipped."""
    for i in range(8 * len(data)):
        flipped = bytearray(data)
        flipped[i // 8] ^= 1 << i % 8
        yield bytes(flipped)


def test_what_was_written_is_accepted(directory):
    verify_sums(directory)


def test_lists_every_file(directory):
    lines = (directory / SUMS).read_text(encoding="utf8").splitlines()
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in FILES.items()}
    assert lines == [f"{sums[name]}  {name}" for name in sorted(FILES)]


@pytest.mark.skipif(not shutil.which("sha256sum"), reason="no sha256sum here")
def test_sha256sum_agrees(directory):
    subprocess.run(["sha256sum", "--strict", "--quiet", "-c", SUMS], cwd=directory, check=True)


@pytest.mark.parametrize("name", [".DS_Store", "sub/._name", ".cache/name"])
def test_what_a_system_leaves_in_a_folder_is_no_part_of_the_model(directory, name):
    before = (directory / SUMS).read_bytes()
    (directory / name).parent.mkdir(exist_ok=True)
    (directory / name).write_bytes(b"left")
    verify_sums(directory)
    write_sums(directory)
    assert (directory / SUMS).read_bytes() == before


@pytest.mark.parametrize("name", ["cfg", "weights", "sub/name with  blanks"])
def test_every_flipped_bit_is_found_and_named(directory, name):
    for data in flips(FILES[name]):
        (directory / name).write_bytes(data)
        with pytest.raises(CorruptModelError, match=name):
            verify_sums(directory)


def test_every_flipped_bit_of_the_sums_is_found(directory):
    path = directory / SUMS
    for data in flips(path.read_bytes()):
        path.write_bytes(data)
        with pytest.raises(CorruptModelError):
            verify_sums(directory)


@pytest.mark.parametrize("name", list(FILES))
def test_a_missing_file_is_named(directory, name):
    (directory / name).unlink()
    with pytest.raises(CorruptModelError, match=f"{name}.*missing"):
        verify_sums(directory)


def test_a_missing_list_is_named(directory):
    (directory / SUMS).unlink()
    with pytest.raises(CorruptModelError, match=f"{SUMS}.*missing"):
        verify_sums(directory)


def test_a_file_too_many_is_named(directory):
    (directory / "extra").write_bytes(b"")
    with pytest.raises(CorruptModelError, match="extra"):
        verify_sums(directory)


@pytest.mark.parametrize("length", range(0, 300, 7))
def test_a_list_cut_off_anywhere_is_found(directory, length):
    path = directory / SUMS
    data = path.read_bytes()
    assert length < len(data)
    path.write_bytes(data[:length])
    named = "" if data[:length].endswith(b"\n") else SUMS
    with pytest.raises(CorruptModelError, match=f"{named}.*saving was cut short"):
        verify_sums(directory)


def test_the_list_is_the_same_whatever_came_first(directory, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    for name, data in reversed(FILES.items()):
        (other / name).parent.mkdir(exist_ok=True)
        (other / name).write_bytes(data)
    write_sums(other)
    assert (other / SUMS).read_bytes() == (directory / SUMS).read_bytes()


def test_writing_again_replaces_the_list(directory):
    (directory / "cfg").write_bytes(b"new")
    write_sums(directory)
    verify_sums(directory)
