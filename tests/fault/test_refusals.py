"""Wrong input of every kind gets the documented message and exit code, all mistakes of a job at once."""

import json
import os
import shutil
import struct
import subprocess
import time
from pathlib import Path

import pytest
from searches import PROGRAM, data_folder, evoke

GOOD = {
    "run": {"name": "small", "seed": 7, "output": "runs"},
    "model": {"path": "model", "dtype": "float32"},
    "task": {
        "dev": "dev.jsonl",
        "test": "test.jsonl",
        "template": "{instruction}\nInput: {input}\nLabel:",
        "labels": ["no", "yes"],
    },
    "search": {
        "population": 2,
        "generations": 1,
        "initial": ["Say yes or no.", "Is it so?"],
        "operators": ["edit-delete", "edit-repeat"],
    },
    "objectives": {"accuracy": "max", "prompt_tokens": "min"},
}


def toml(tables):
    text = ""
    for table, keys in tables.items():
        if not isinstance(keys, dict):
            text += f"{table} = {json.dumps(keys)}\n"
            continue
        text += f"[{table}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items())
    return text


@pytest.fixture
def folder(tmp_path):
    """A job that is right, with its model and data."""
    shutil.copytree(data_folder() / "models/TinyStories-656K", tmp_path / "model")
    for file in (tmp_path / "model").iterdir():
        file.chmod(0o644)
    for name, count in (("dev", 8), ("test", 4)):
        rows = [{"input": f"{name} number {i}", "output": "yes" if i % 2 else "no"} for i in range(count)]
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    write(tmp_path)
    return tmp_path


def write(folder, **changes):
    tables = json.loads(json.dumps(GOOD))
    for table, keys in changes.items():
        if keys is None:
            del tables[table]
        elif isinstance(keys, dict):
            for key, value in keys.items():
                if value is None:
                    del tables[table][key]
                else:
                    tables.setdefault(table, {})[key] = value
        else:
            tables = {table: keys, **tables}
    (folder / "job.toml").write_text(toml(tables))


def refused(folder, code, *expected, verb="check", options=()):
    began = time.monotonic()
    result = evoke(verb, folder / "job.toml", *options)
    assert result.returncode == code, result.stdout + result.stderr
    for text in expected:
        assert text in result.stderr, result.stderr
    assert "This is a bug" not in result.stderr
    assert result.stdout == ""
    return time.monotonic() - began, result.stderr


def test_the_job_itself_is_right(folder):
    result = evoke("check", folder / "job.toml")
    assert result.returncode == 0, result.stderr
    assert "8 dev, 4 test" in result.stdout


BROKEN = {
    "no name": ({"run": {"name": None}}, ["run.name"]),
    "name is a path": ({"run": {"name": "a/b"}}, ["run.name", "without '/'"]),
    "name is a number": ({"run": {"name": 3}}, ["run.name", "a text in quotes"]),
    "negative seed": ({"run": {"seed": -1}}, ["run.seed", "from 0"]),
    "seed is a text": ({"run": {"seed": "x"}}, ["run.seed", "an integer"]),
    "no model": ({"model": None}, ["model.path"]),
    "model missing": ({"model": {"path": "nowhere"}}, ["model.path", "exists", "nowhere"]),
    "dtype misspelt": ({"model": {"dtype": "float23"}}, ["did you mean \"float32\"?"]),
    "variable not set": ({"model": {"path": "${EVOKE_NOT_SET_AT_ALL}/m"}}, ["EVOKE_NOT_SET_AT_ALL"]),
    "data missing": ({"task": {"dev": "nothing.jsonl"}}, ["task.dev", "nothing.jsonl"]),
    "no dev": ({"task": {"dev": None}}, ["task.dev"]),
    "no labels": ({"task": {"labels": []}}, ["task.labels"]),
    "one label": ({"task": {"labels": ["yes"]}}, ["task.labels"]),
    "labels not texts": ({"task": {"labels": [0, 1]}}, ["task.labels", "a list of texts"]),
    "template without input": ({"task": {"template": "{instruction}"}}, ["task.template", "{input}"]),
    "unknown placeholder": ({"task": {"template": "{instruct} {input}"}}, ["task.template", "instruct"]),
    "bad expression": ({"task": {"answer": "generated", "extract": "(["}}, ["task.extract"]),
    "unknown answer": ({"task": {"answer": "guess"}}, ["task.answer", "one of"]),
    "target missing": ({"task": {"answer": "target"}}, ["task.target"]),
    "column missing": ({"task": {"input": "text"}}, ["dev.jsonl", "text"]),
    "population zero": ({"search": {"population": 0}}, ["search.population", "from 1"]),
    "population a half": ({"search": {"population": 2.5}}, ["search.population", "an integer"]),
    "generations negative": ({"search": {"generations": -3}}, ["search.generations"]),
    "unknown algorithm": ({"search": {"algorithm": "nsga3"}}, ["did you mean \"nsga2\"?"]),
    "unknown operator": ({"search": {"operators": ["edit-delet"]}}, ["edit-delet", "edit-delete"]),
    "no operators": ({"search": {"operators": []}}, ["operators"]),
    "no first prompts": ({"search": {"initial": None}}, ["search.initial"]),
    "first prompts missing": ({"search": {"initial_file": "none.txt"}}, ["search.initial_file", "none.txt"]),
    "temperature hot": ({"search": {"temperature": 99}}, ["search.temperature", "from 0 to 10"]),
    "meta-prompts missing": ({"search": {"meta_prompts": "nowhere"}}, ["search.meta_prompts"]),
    "unknown measure": ({"objectives": {"acuracy": "max"}}, ["acuracy", "did you mean 'accuracy'?"]),
    "no direction": ({"objectives": {"accuracy": "up"}}, ["objectives.accuracy", "\"max\" or \"min\""]),
    "unknown table": ({"serch": {"population": 3}}, ["did you mean 'search'?"]),
    "unknown key": ({"cluster": {"lease": 3}}, ["cluster.lease"]),
    "keep one file": ({"checkpoint": {"keep": "1"}}, ["checkpoint.keep"]),
    "table is a number": ({"cluster": 3}, ["cluster", "a table"]),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_job(folder, name):
    changes, expected = BROKEN[name]
    write(folder, **changes)
    refused(folder, 2, "job.toml" if "column" not in name else "dev.jsonl", *expected)


def test_all_mistakes_at_once_in_under_two_seconds(folder):
    write(folder, run={"seed": -1}, model={"dtype": "half"}, search={"population": 0}, objectives={"accuracy": "up"})
    seconds, said = refused(folder, 2, "run.seed", "model.dtype", "search.population", "objectives.accuracy")
    lines = [int(line.split(":")[1]) for line in said.splitlines() if line.count(":") > 2 and "job.toml:" in line]
    assert lines == sorted(lines) and len(lines) >= 4
    assert seconds < 2 * float(os.environ.get("EVOKE_TEST_SLOWNESS", "3"))


def test_not_toml(folder):
    (folder / "job.toml").write_text("[run\nname = 3")
    refused(folder, 2, "job.toml:1")


def test_no_such_job(tmp_path):
    refused(tmp_path, 2, "job.toml")


def test_bad_line_in_the_data(folder):
    with open(folder / "dev.jsonl", "a") as file:
        file.write('{"input": "x", "output": "maybe"}\nnot json\n')
    refused(folder, 2, "dev.jsonl:9", "maybe", "dev.jsonl:10")


def damage(path, change):
    content = bytearray(path.read_bytes())
    path.write_bytes(bytes(change(content)))


def cut(content):
    return content[: len(content) // 2]


def long_header(content):
    return struct.pack("<Q", 1 << 40) + content[8:]


def broken_header(content):
    content[20] = 0
    return content


def wrong_shape(content):
    return content.replace(b"[2048,128]", b"[1024,256]", 1)


DAMAGES = [(cut, "model.safetensors"), (long_header, "model.safetensors"), (broken_header, "model.safetensors"),
           (wrong_shape, "expected shape [2048, 128], found [1024, 256]")]


@pytest.mark.parametrize("change,expected", DAMAGES)
def test_damaged_weights_are_3(folder, change, expected):
    damage(folder / "model/model.safetensors", change)
    refused(folder, 3, expected, verb="run")


@pytest.mark.parametrize("change", [cut, lambda content: content.replace(b'"BPE"', b'"BPX"')])
def test_damaged_tokenizer_is_3(folder, change):
    damage(folder / "model/tokenizer.json", change)
    refused(folder, 3, "tokenizer.json", verb="run")


def test_unknown_family_is_3(folder):
    damage(folder / "model/config.json", lambda content: content.replace(b'"llama"', b'"mamba2"'))
    refused(folder, 3, "mamba2", "supported", verb="check")


def finished(folder):
    result = evoke("run", folder / "job.toml")
    assert result.returncode == 0, result.stderr
    return folder / "runs/small"


def test_damaged_newest_generation_is_set_aside(folder):
    run = finished(folder)
    write(folder, search={"generations": 2})
    damage(run / "generations/gen-000001.h5", cut)
    assert evoke("verify", run).returncode == 4
    result = evoke("run", folder / "job.toml")
    assert result.returncode == 0, result.stderr
    assert "gen-000001" in result.stderr and "set aside" in result.stderr
    assert evoke("verify", run).returncode == 0


def test_no_generation_verifies_is_4(folder):
    run = finished(folder)
    for file in (run / "generations").iterdir():
        damage(file, cut)
    refused(folder, 4, "gen-000001", verb="run")


def test_damaged_journal_is_cut(folder):
    run = finished(folder)
    write(folder, search={"generations": 2})
    journals = sorted(run.rglob("journal-*"))
    damage(journals[-1], lambda content: content[:-3])
    result = evoke("run", folder / "job.toml")
    assert result.returncode == 0, result.stderr


def test_another_job_in_the_folder_is_4(folder):
    finished(folder)
    write(folder, search={"population": 1})
    refused(folder, 4, "search.population", verb="run")


def test_other_data_in_the_folder_is_4(folder):
    finished(folder)
    with open(folder / "dev.jsonl", "a") as file:
        file.write('{"input": "one more", "output": "yes"}\n')
    refused(folder, 4, "data", verb="run")


def test_resume_never_and_require(folder):
    refused(folder, 4, "no run to resume", verb="run", options=["--resume", "require"])
    shutil.rmtree(folder / "runs", ignore_errors=True)
    finished(folder)
    refused(folder, 4, "never", verb="run", options=["--resume", "never"])


def test_two_runs_on_one_folder(folder):
    write(folder, search={"generations": 100000, "population": 8})
    first = subprocess.Popen([PROGRAM, "run", folder / "job.toml"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while not (folder / "runs/small/generations/gen-000000.h5").exists():
            assert time.monotonic() < deadline and first.poll() is None
            time.sleep(0.05)
        refused(folder, 4, "lock", str(first.pid), verb="run")
    finally:
        first.kill()
        first.wait()


def test_folder_without_write_permission(folder):
    if os.getuid() == 0 and not shutil.which("setpriv"):
        pytest.skip("root may write everywhere, and setpriv is missing")
    (folder / "runs").mkdir()
    (folder / "runs").chmod(0o555)
    unprivileged = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.getuid() == 0 else []
    for parent in (folder, *folder.parents):
        if os.getuid() == 0 and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o055)
    result = subprocess.run([*unprivileged, PROGRAM, "run", folder / "job.toml"], text=True, capture_output=True)
    assert result.returncode == 4, result.stderr
    assert "runs" in result.stderr and "ermission" in result.stderr


def test_full_disk_is_5_and_the_last_generation_stays(folder):
    if os.getuid() != 0:
        pytest.skip("mounting a small tmpfs needs root")
    disk = folder / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", disk], capture_output=True, text=True)
    if mounted.returncode != 0:
        pytest.skip(f"cannot mount a tmpfs: {mounted.stderr}")
    try:
        write(folder, run={"output": str(disk)}, search={"generations": 100000, "population": 8})
        result = evoke("run", folder / "job.toml")
        assert result.returncode == 5, result.stderr
        assert "No space left" in result.stderr or "disk is full" in result.stderr
        for left in disk.rglob("*.tmp"):
            left.unlink()
        assert evoke("verify", disk / "small").returncode == 0
    finally:
        subprocess.run(["umount", disk], check=True)


def test_verbs_on_what_is_no_run(tmp_path):
    for verb in ("status", "best", "verify"):
        result = evoke(verb, tmp_path)
        assert result.returncode == 4, (verb, result.stderr)
        assert str(tmp_path) in result.stderr


def test_unknown_verb_and_option():
    assert evoke("serch").returncode == 2
    assert evoke("run").returncode == 2
    assert evoke("check", "x.toml", "--sett", "a=1").returncode == 2
    assert evoke("--help").returncode == 0
    assert evoke("--version").returncode == 0


def test_bad_json_line_is_named_and_the_rest_answered(folder):
    lines = '{"id": 1, "context": "Once upon a", "continuation": " time"}\nnonsense\n{"id": 3, "context": "a"}\n'
    lines += '{"id": 4, "context": "Once", "continuation": " upon"}\n'
    result = evoke("score", "--model", folder / "model", input=lines)
    assert result.returncode == 2
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert [("logprob" in answer, "error" in answer) for answer in answers] == [
        (True, False), (False, True), (False, True), (True, False)]
    assert "-:2:" in result.stderr and "-:3:" in result.stderr and "continuation" in result.stderr
