"""The command line as a newcomer meets it: help, the generated reference, a starter job, JSON lines."""

import json
import os
import pty
import subprocess
from pathlib import Path

import pytest
from searches import PROGRAM, SOURCE, data_folder, evoke

VERBS = ["init", "check", "run", "launch", "evaluate", "status", "best", "verify", "score", "generate", "gradient", "tokenize",
         "chat"]


@pytest.fixture
def model():
    return data_folder() / "models/TinyStories-656K"


def lines(verb, model, *requests, options=()):
    result = evoke(verb, "--model", model, *options, input="".join(json.dumps(r) + "\n" for r in requests))
    assert result.returncode == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_help_names_every_verb_and_each_has_examples():
    said = evoke("--help").stdout
    for verb in VERBS:
        assert verb in said
        assert "Examples:" in evoke(verb, "--help").stdout, verb


def test_reference_of_jobs_is_what_the_program_prints():
    assert (SOURCE / "docs/jobs.md").read_text() == evoke("check", "--reference").stdout, (
        "docs/jobs.md is out of date: evoke check --reference > docs/jobs.md")


@pytest.mark.parametrize("name,content,expected", [
    ("data.csv", "id,review,sentiment\n" + "".join(f"{i},text number {i},{'good' if i % 2 else 'bad'}\n" for i in range(30)),
     ['input = "review"', 'output = "sentiment"', 'labels = ["bad", "good"]', 'answer = "likelihood"']),
    ("data.jsonl", "".join(json.dumps({"question": f"{i} + {i}?", "answer": str(2 * i + 1000)}) + "\n" for i in range(30)),
     ['input = "question"', 'output = "answer"', 'answer = "generated"']),
    ("data.txt", "".join(f"text number {i}\t{i % 3}\n" for i in range(30)), ['labels = ["label 0", "label 1", "label 2"]']),
])
def test_init_makes_a_job_that_check_accepts(tmp_path, model, name, content, expected):
    (tmp_path / name).write_text(content)
    result = evoke("init", tmp_path / name, "--output", tmp_path / "job.toml")
    assert result.returncode == 0, result.stderr
    job = (tmp_path / "job.toml").read_text()
    for text in expected:
        assert text in job
    assert "model.path" in result.stdout
    checked = evoke("check", tmp_path / "job.toml", "--set", f"model.path={model}", "--set", "search.chat=false")
    assert checked.returncode == 0, checked.stderr
    assert evoke("init", tmp_path / name, "--output", tmp_path / "job.toml").returncode == 2  # nothing is overwritten


def test_init_refuses_what_is_no_data(tmp_path):
    assert evoke("init", tmp_path / "none.csv").returncode == 2
    (tmp_path / "data.parquet").write_text("x")
    assert "jsonl" in evoke("init", tmp_path / "data.parquet").stderr


def test_score_prefix_context_and_ids_agree(model):
    whole, split = lines("score", model,
                         {"context": "Once upon a time, there was a little", "continuation": " girl named Lily."},
                         {"prefix": "Once upon a time,", "context": " there was a little", "continuation": " girl named Lily."})
    assert whole["tokens"] == split["tokens"]
    assert whole["logprob"] == pytest.approx(split["logprob"], rel=1e-5)
    assert whole["logprob"] == pytest.approx(sum(whole["token_logprobs"]), rel=1e-6)
    ids = lines("tokenize", model, {"text": "Once upon a time, there was a little"})[0]["ids"]
    by_ids = lines("score", model, {"context_ids": ids, "continuation_ids": whole["tokens"]})[0]
    assert by_ids["logprob"] == whole["logprob"]


def test_an_answer_does_not_depend_on_the_other_lines(model):
    requests = [{"context": f"The {animal} went to the", "continuation": f" {place}."}
                for animal in ("cat", "dog", "little bird") for place in ("park", "shop", "big blue sea")]
    together = lines("score", model, *requests)
    backwards = lines("score", model, *reversed(requests), options=["--threads", "1", "--batch", "2"])
    assert together == list(reversed(backwards))
    assert [lines("score", model, request)[0] for request in requests] == together


def test_generate_is_reproducible_and_stops(model):
    request = {"prompt": "Once upon a time", "max_tokens": 24, "temperature": 0.9, "seed": 5}
    first, other = lines("generate", model, request, {**request, "seed": 6})
    assert lines("generate", model, {"prompt": "One day"}, request)[1] == first
    assert other["text"] != first["text"]
    stopped = lines("generate", model, {"prompt": "Once upon a time", "max_tokens": 64, "stop": ["."]})[0]
    assert stopped["finish_reason"] == "stop" and "." not in stopped["text"]


def test_a_prompt_longer_than_the_context_is_an_error_with_both_lengths(model):
    result = evoke("generate", "--model", model, input=json.dumps({"prompt": "word " * 2000}) + "\n")
    assert result.returncode == 2
    answer = json.loads(result.stdout)
    assert answer["finish_reason"] == "error" and "512" in answer["error"]


def test_chat_of_a_model_without_template_is_3(model):
    assert evoke("chat", "--model", model, input="").returncode == 3


def test_progress_line_on_a_terminal_and_plain_lines_in_a_log(tmp_path):
    data_folder()
    job = [SOURCE / "jobs/sst2.toml", "--set", f"run.output={tmp_path}", "--set", "search.generations=0"]
    controller, terminal = pty.openpty()
    process = subprocess.Popen([PROGRAM, "run", *job, "--set", "run.name=a"], stderr=terminal, stdout=subprocess.DEVNULL)
    os.close(terminal)
    said = b""
    while True:
        try:
            piece = os.read(controller, 65536)
        except OSError:
            break
        if not piece:
            break
        said += piece
    os.close(controller)
    assert process.wait() == 0
    assert b"\r\x1b[Kgeneration 0/0" in said
    result = evoke("run", *job, "--set", "run.name=b")
    assert result.returncode == 0 and "\r" not in result.stderr and "\x1b" not in result.stderr
    assert "generation 0/0" in result.stdout and "The front" in result.stdout
    assert Path(tmp_path, "a/summary.json").exists()
