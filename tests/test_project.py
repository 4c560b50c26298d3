"""The project that runs everything, as `spacy project run` reads it."""

import json
import re
import shutil
from pathlib import Path

import pytest
from weasel.cli.run import project_run
from weasel.util.config import load_project_config

ROOT = Path(__file__).parent.parent
PROJECT = load_project_config(ROOT)
COMMANDS = {command["name"]: command for command in PROJECT["commands"]}
STEPS = PROJECT["workflows"]["all"]
SCRIPTS = [script for command in COMMANDS.values() for script in command["script"]]
SHIPPED = [asset["dest"] for asset in PROJECT["assets"] if not asset.get("url")]
# Documents of 20 lines, of which csv has one for names; the others are generated
SLICE = {"ner": 20, "sentiment": 19, "seq2seq": 500, "generator": 300}
REAL = [asset for asset in PROJECT["assets"] if asset.get("url")]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_help_text(name):
    assert COMMANDS[name]["help"]


def test_the_workflow_has_every_command():
    assert sorted(STEPS) == sorted(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_what_a_command_needs_is_there_or_made_before(name):
    before = STEPS[: STEPS.index(name)]
    made = {path for step in before for path in COMMANDS[step].get("outputs", [])}
    needed = COMMANDS[name].get("deps", [])
    assert [path for path in needed if path not in made and not (ROOT / path).exists()] == []


@pytest.mark.parametrize("script", SCRIPTS)
def test_files_of_a_script_are_there_or_made(script):
    outputs = [p for c in COMMANDS.values() for p in c.get("outputs", [])]
    folders = [*PROJECT["directories"], *outputs]
    named = [word for word in script.split() if "/" in word]
    made = [word for word in named if any(path.startswith(word) for path in folders)]
    assert [word for word in named if word not in made and not (ROOT / word).exists()] == []


@pytest.mark.parametrize("script", SCRIPTS)
def test_no_script_needs_a_shell(script):
    assert re.search(r"[|&<>*?;$`~]", script) is None
    assert script.startswith("python -m spacy ")


@pytest.mark.parametrize("dest", SHIPPED)
def test_assets_without_an_url_ship(dest):
    assert (ROOT / dest).exists()


@pytest.mark.parametrize("asset", REAL, ids=lambda asset: asset["dest"])
def test_fetched_assets_cannot_change(asset):
    """Each URL names a commit, and each file has a checksum."""
    assert re.search(r"/[0-9a-f]{40}/", asset["url"])
    assert re.fullmatch(r"[0-9a-f]{32}", asset["checksum"])
    assert asset["extra"]


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("task", SLICE)
@pytest.mark.parametrize("recipe", ["rnn", "lecture"])
def test_variables_reach_the_scripts(recipe, task, cell):
    variables = {"recipe": recipe, "task": task, "cell": cell, "corpus": "big"}
    overrides = {f"vars.{name}": value for name, value in variables.items()}
    commands = load_project_config(ROOT, overrides=overrides)["commands"]
    train = " ".join(script for command in commands for script in command["script"])
    assert (
        f"configs/{recipe}_{task}.cfg" in train and (ROOT / f"configs/{recipe}_{task}.cfg").exists()
    )
    assert f"--net.cell {cell}" in train
    assert f"corpus/{task}/big/train.spacy" in train and "sample" not in train


@pytest.fixture(scope="module", params=SLICE)
def task(request):
    return request.param


@pytest.fixture(scope="module")
def ran(task, tmp_path_factory):
    """The folder of a project after `all`, on a slice of the corpus that ships."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copy(ROOT / "project.yml", folder)
    shutil.copytree(ROOT / "configs", folder / "configs")
    for dest in SHIPPED:
        lines = (ROOT / dest).read_text(encoding="utf8").split("\n")[:20]
        (folder / dest).parent.mkdir(parents=True, exist_ok=True)
        (folder / dest).write_text("\n".join(lines), encoding="utf8")
    project_run(folder, "all", overrides={"vars.max_steps": 2, "vars.task": task})
    return folder


@pytest.mark.parametrize(
    "path", [p for c in COMMANDS.values() for p in c.get("outputs", [])], ids=str
)
def test_the_run_makes_every_output(ran, task, path):
    assert (ran / path.replace("/ner", f"/{task}")).exists()


def test_the_run_writes_scores(ran, task):
    scores = json.loads((ran / "metrics" / f"{task}-sample.json").read_text(encoding="utf8"))
    name, labels = {
        "ner": ("ents_f", {"PER", "LOC", "ORG"}),
        "sentiment": ("cats_acc", {"positive", "negative", "mixed"}),
        "seq2seq": ("normal_acc", set()),
        "generator": ("generated_slot_acc", set()),
    }[task]
    assert 0 <= scores[name] <= 1
    by_label = [set(value) for value in scores.values() if isinstance(value, dict)]
    assert not labels or labels in by_label


def test_the_run_draws_a_page(ran, task):
    page = (ran / "metrics" / f"{task}-sample.html").read_text(encoding="utf8")
    assert "</html>" in page and f"{SLICE[task]} documents" in page


def test_the_run_makes_a_package(ran, task):
    name = f"en_rnn_{task}_sample"
    package = ran / "packages" / f"{name}-0.1.0"
    assert (package / "setup.py").exists()
    assert (package / name / f"{name}-0.1.0" / f"rnn_{task}" / "SHA256SUMS").exists()


def test_the_package_needs_spacy_rnn(ran):
    (meta,) = (ran / "packages").glob("*/meta.json")
    needed = json.loads(meta.read_text(encoding="utf8"))["requirements"]
    assert any(re.match(r"spacy[-_]rnn\b", requirement) for requirement in needed)


def test_a_second_run_only_shows(ran, task, capfd):
    project_run(ran, "all", overrides={"vars.max_steps": 2, "vars.task": task})
    printed = capfd.readouterr().out
    # `show` only prints, so it runs whenever it is asked for
    assert [step for step in STEPS if f"Skipping '{step}'" in printed] == STEPS[:-1]
