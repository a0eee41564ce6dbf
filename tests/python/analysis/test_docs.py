"""The recipes of docs/analysis.md run as they stand."""

import os
import re
from pathlib import Path

import evoke_analysis
import matplotlib as mpl
import pytest
from made_runs import made_run

mpl.use("agg")
PAGE = Path(os.environ.get("EVOKE_SOURCE_DIR", Path(__file__).parents[3])) / "docs" / "analysis.md"
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)

# Named in the page, but no columns.
VALUES = ("ok", "unparsed", "overflow", "accepted", "scores", "_low", "_high")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("recipes")
    for seed, name in enumerate(["sst2", "sst2-ga", "sst2-random", "sst2-nsga2"]):
        made_run(folder / "runs" / name, seed=seed, population=5, generations=4, examples=30, tests=40)
    return folder


def test_there_are_five_recipes():
    assert len(BLOCKS) == 1 + 5


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.split("\n")[0][:40])
def test_recipe_runs(block, folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    names = {"evoke_analysis": evoke_analysis, "run": evoke_analysis.open_run("runs/sst2")}
    exec(compile(block, str(PAGE), "exec"), names)  # noqa: S102
    if "print(" in block:
        assert len(capsys.readouterr().out.strip()) > 0


def test_every_column_named_in_the_page_exists(folder):
    run = evoke_analysis.open_run(folder / "runs" / "sst2")
    for name, _, columns in re.findall(r"^\| `(\w+)` \| (.*?) \| (.*) \|$", PAGE.read_text(), re.MULTILINE):
        frame = getattr(run, name)
        known = [frame.index.name or "", *frame.columns]
        for column in re.findall(r"`([a-z_]+)`", columns):
            there = any(title.startswith(column) for title in known)
            assert there or column in VALUES, f"{name}.{column}"
