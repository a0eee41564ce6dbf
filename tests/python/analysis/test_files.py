"""Damaged, unknown and missing files: named, never guessed at."""

import shutil

import h5py
import numpy as np
import pytest
from evoke_analysis import AnalysisError, DamagedFileError, NotARunError, UnknownFormatError, open_run
from made_runs import tiny_run
from synthetic import seal


@pytest.fixture
def folder(tmp_path):
    return tiny_run(tmp_path / "tiny")


def newest(folder):
    return folder / "generations" / "gen-000002.h5"


def test_every_damaged_byte_is_noticed(folder):
    whole = newest(folder).read_bytes()
    for place in [0, 30, 60, 100, 200, 511, *range(512, len(whole), len(whole) // 40)]:
        damaged = bytearray(whole)
        damaged[place] ^= 0x20
        newest(folder).write_bytes(damaged)
        with pytest.raises(DamagedFileError, match="gen-000002.h5: (damaged|truncated|no generation file)"):
            open_run(folder)


@pytest.mark.parametrize("size", [0, 1, 511, 512, 513, 5000])
def test_truncated_files_are_noticed(folder, size):
    newest(folder).write_bytes(newest(folder).read_bytes()[:size])
    with pytest.raises(DamagedFileError, match="gen-000002.h5: truncated"):
        open_run(folder)


def test_a_longer_file_is_damaged(folder):
    newest(folder).write_bytes(newest(folder).read_bytes() + b"x")
    with pytest.raises(DamagedFileError, match=r"damaged: \d+ bytes where \d+ belong"):
        open_run(folder)


def test_damaged_files_can_be_left_out_with_a_warning(folder):
    newest(folder).write_bytes(b"nothing")
    run = open_run(folder, skip_damaged=True)
    assert run.newest.number == 1
    assert len(run.warnings) == 1
    assert "gen-000002.h5: truncated: 7 bytes" in run.warnings[0]


def test_when_no_file_is_sound_there_is_no_run(folder):
    for file in (folder / "generations").iterdir():
        file.write_bytes(b"nothing")
    with pytest.raises(NotARunError, match="no generation file is sound"):
        open_run(folder, skip_damaged=True)


def test_an_unknown_major_version_is_refused_even_when_damage_is_not(folder):
    seal(newest(folder), (2, 0))
    for skip in (False, True):
        with pytest.raises(UnknownFormatError, match=r"is of format 2.0; .* reads format 1.x"):
            open_run(folder, skip_damaged=skip)


def test_a_later_minor_version_with_more_columns_is_read(folder):
    with h5py.File(newest(folder), "r+") as file:
        file["statistics/temperature"] = np.float64(36.6)
        file["something/new"] = np.arange(3)
    seal(newest(folder), (1, 7))
    run = open_run(folder)
    assert run.newest.format_version == (1, 7)
    assert len(run.individuals) == 6


@pytest.mark.parametrize("missing", ["scores/status", "population/instruction", "setting/job", "statistics/note"])
def test_a_sealed_file_without_a_column_is_damaged(folder, missing):
    with h5py.File(newest(folder), "r+") as file:
        del file[missing]
    seal(newest(folder))
    with pytest.raises(DamagedFileError, match="gen-000002.h5: damaged"):
        open_run(folder).scores  # noqa: B018


def test_what_is_no_run_is_refused(tmp_path):
    with pytest.raises(NotARunError, match="there is no such folder"):
        open_run(tmp_path / "nowhere")
    with pytest.raises(NotARunError, match="has no folder 'generations'"):
        open_run(tmp_path)
    (tmp_path / "generations").mkdir()
    with pytest.raises(NotARunError, match="no generation is finished yet"):
        open_run(tmp_path)


def test_a_folder_in_place_of_a_file_is_an_error_of_the_run(folder):
    newest(folder).unlink()
    newest(folder).mkdir()
    with pytest.raises(AnalysisError, match="gen-000002.h5: cannot be read"):
        open_run(folder)


def test_other_files_in_the_folder_are_not_generations(folder):
    (folder / "generations" / "gen-000003.h5.tmp").write_bytes(b"half")
    shutil.copy(newest(folder), folder / "generations" / "gen-000003.h5.damaged")
    run = open_run(folder)
    assert run.newest.number == 2
    assert "gen-000003.h5.damaged was set aside" in run.warnings[0]


def test_the_records_beside_may_be_missing_or_torn(folder):
    (folder / "summary.json").write_text("{")
    with open(folder / "events.jsonl", "a") as events:
        events.write('{"time": "2025-01-02T0')
    run = open_run(folder)
    assert run.state == "unknown"
    assert len(run.events) == 5
    assert len(run.warnings) == 1
    (folder / "summary.json").unlink()
    (folder / "events.jsonl").unlink()
    assert open_run(folder).events.empty


def test_reading_changes_nothing(folder):
    before = {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in folder.rglob("*")}
    for frame in open_run(folder).frames.values():
        assert frame is not None
    assert before == {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in folder.rglob("*")}
