import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf8")
START = README.split("\n## ")[0]
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", START, flags=re.M | re.S)


def second_block(text):
    """What the awk of `.ci/run` takes: the lines of the second block of code."""
    block, inside, lines = 0, False, []
    for line in text.split("\n"):
        if line.startswith("```"):
            block += not inside
            inside = not inside
        elif inside and block == 2:
            lines.append(line)
    return "\n".join(lines)


def test_the_start_has_two_commands():
    assert [language in ("bash", "sh") for language, _ in BLOCKS] == [True, True]


def test_the_first_one_runs_the_project():
    assert "-m spacy project run all" in BLOCKS[0][1]


def test_continuous_integration_runs_the_second_one():
    assert second_block(README) == BLOCKS[1][1].rstrip("\n")
    assert "pytest" in second_block(README)
    assert "inside && block == 2' README.md" in (ROOT / ".ci" / "run").read_text(encoding="utf8")


@pytest.mark.parametrize("command", [code for _, code in BLOCKS])
def test_commands_are_one_line_each(command):
    assert command.count("\n") == 1


@pytest.mark.parametrize("command", [code for _, code in BLOCKS])
def test_commands_install_the_tested_versions(command):
    assert "-c constraints.txt" in command and (ROOT / "constraints.txt").exists()


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\((?!https?:)([^)#]+)", README))))
def test_links_lead_somewhere(link):
    assert (ROOT / link).exists()
