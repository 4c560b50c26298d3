from importlib.metadata import entry_points

from spacy.cli._util import app
from typer.main import get_command

from ..helpers import run_python


def test_entry_point_names_the_commands():
    (entry,) = [e for e in entry_points(group="spacy_cli") if e.name == "rnn"]
    assert entry.load().info.name == "rnn"


def test_commands_hang_on_spacy():
    import spacy_rnn.cli  # noqa: F401

    assert "convert" in get_command(app).commands["rnn"].commands


def test_spacy_finds_the_commands():
    code = "import sys, spacy.cli; sys.argv[1:] = ['rnn', '--help']; spacy.cli.setup_cli()"
    result = run_python(code)
    assert result.returncode == 0, result.stderr
    assert "convert" in result.stdout


def test_import_brings_no_nets():
    code = "import sys, spacy_rnn.cli; assert 'spacy_rnn.nets' not in sys.modules"
    assert run_python(code).returncode == 0
