"""The command, as a person calls it."""

import subprocess
import sys

import pandas as pd
import pytest
from made_runs import tiny_run


def command(*arguments):
    return subprocess.run([sys.executable, "-m", "evoke_analysis.command", *map(str, arguments)], capture_output=True,
                          text=True, check=False)


@pytest.fixture
def folder(tmp_path):
    return tiny_run(tmp_path / "tiny")


def test_report_is_written_into_the_run_and_its_path_printed(folder):
    done = command("report", folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{folder}/report.html\n"
    assert (folder / "report.html").read_text().startswith("<!DOCTYPE html>")
    assert not (folder / "report.html.tmp").exists()


def test_report_goes_where_it_is_told(folder, tmp_path):
    assert command("report", folder, "--output", tmp_path / "x.html").returncode == 0
    assert (tmp_path / "x.html").exists()
    assert not (folder / "report.html").exists()


def test_export_writes_a_csv_file_for_each_frame(folder):
    done = command("export", folder, "--format", "csv")
    assert done.returncode == 0
    files = sorted(path.name for path in (folder / "csv").iterdir())
    assert files == ["archive.csv", "events.csv", "individuals.csv", "lineage.csv", "objectives.csv", "population.csv",
                     "proposals.csv", "scores.csv", "statistics.csv", "test_scores.csv", "usage.csv"]
    individuals = pd.read_csv(folder / "csv" / "individuals.csv", index_col="individual")
    assert individuals.at[3, "parents"] == "0 1"
    assert individuals["accuracy"].tolist() == [0.5, 0.25, 0.25, 0.75, 1.0, 0.5]
    assert len(pd.read_csv(folder / "csv" / "scores.csv")) == 24
    assert pd.read_csv(folder / "csv" / "statistics.csv")["generation"].tolist() == [0, 1, 2]


def test_what_cannot_be_read_is_one_line_and_exit_code_3(folder, tmp_path):
    done = command("report", tmp_path)
    assert done.returncode == 3
    assert done.stderr == f"evoke-analysis: {tmp_path}: is no run: it has no folder 'generations'\n"
    file = folder / "generations" / "gen-000001.h5"
    file.write_bytes(file.read_bytes()[:-1])
    done = command("report", folder)
    assert done.returncode == 3
    assert "gen-000001.h5: truncated" in done.stderr
    assert "Traceback" not in done.stderr
    done = command("report", folder, "--skip-damaged")
    assert done.returncode == 0
    assert "left out" in done.stderr


def test_a_report_that_cannot_be_written_is_exit_code_3(folder):
    done = command("report", folder, "--output", folder / "no" / "such" / "place.html")
    assert done.returncode == 3
    assert "No such file" in done.stderr


def test_wrong_arguments_are_exit_code_2(folder):
    assert command("export", folder, "--format", "parquet").returncode == 2
    assert command().returncode == 2


def test_help_names_both_commands():
    text = command("--help").stdout
    assert "report" in text
    assert "export" in text
