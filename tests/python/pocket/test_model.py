"""The committed model: its files, the same answers in transformers and in Evoke, and that it follows instructions."""

import json
import random
import sys

import pytest
import torch
from safetensors import safe_open
from searches import SOURCE, evoke
from transformers import AutoModelForCausalLM, AutoTokenizer

POCKET = SOURCE / "jobs" / "pocket"
MODEL = POCKET / "model"
sys.path.insert(0, str(POCKET / "train"))

from documents import QUESTION, TASK  # noqa: E402
from instructions import draw, draw_vague, final_answer  # noqa: E402
from lexicon import STEPWISE, TASKS  # noqa: E402


def ask(verb, requests):
    lines = "".join(json.dumps({"id": number, **request}) + "\n" for number, request in enumerate(requests))
    numerics = [] if verb == "tokenize" else ["--dtype", "float32"]
    result = evoke(verb, "--model", MODEL, *numerics, input=lines)
    assert result.returncode == 0, result.stderr
    answers = {answer["id"]: answer for answer in map(json.loads, result.stdout.splitlines())}
    return [answers[number] for number in range(len(requests))]


def questions(task, split="test"):
    return [json.loads(line) for line in (POCKET / "tasks" / f"{task}.{split}.jsonl").read_text().splitlines()]


def prompt(instruction, note):
    return TASK.format(instruction=instruction, demonstrations="") + QUESTION.format(input=note)


@pytest.fixture(scope="module")
def reference():
    return AutoTokenizer.from_pretrained(MODEL), AutoModelForCausalLM.from_pretrained(MODEL, dtype=torch.float32).eval()


@pytest.fixture(scope="module")
def prompts():
    """Instructions of all kinds on one note each; answers of one word, answers with steps, and proposals."""
    rng, texts = random.Random(31), []
    for task in TASKS:
        for number, example in enumerate(questions(task)[:3]):
            steps = 1.0 if number == 0 else 0.0
            one = draw_vague(rng) if number == 2 else draw(rng, task, skip=0.9, steps=steps, held_out=number == 1)
            texts.append(prompt(one.text(), example["input"]))
        texts.append(f"rewrite: {draw(rng, task).text()}\nnew:")
    return texts


def test_files_and_their_sizes():
    weights = MODEL / "model.safetensors"
    assert weights.stat().st_size <= 4_000_000
    with safe_open(weights, "pt") as file:
        tensors = [file.get_tensor(name) for name in file.keys()]
    assert {tensor.dtype for tensor in tensors} == {torch.bfloat16}
    assert 1_000_000 <= sum(tensor.numel() for tensor in tensors) <= 2_000_000
    config = json.loads((MODEL / "config.json").read_text())
    assert config["architectures"] == ["LlamaForCausalLM"] and config["torch_dtype"] == "bfloat16"
    assert json.loads((MODEL / "tokenizer_config.json").read_text())["chat_template"]
    assert json.loads((MODEL / "generation_config.json").read_text())["eos_token_id"] == config["eos_token_id"]


def test_token_ids_are_those_of_transformers(reference, prompts):
    tokenizer, _ = reference
    answers = ask("tokenize", [{"text": text, "add_special_tokens": True} for text in prompts])
    assert [answer["ids"] for answer in answers] == [tokenizer(text).input_ids for text in prompts]


def test_log_probabilities_are_those_of_transformers(reference, prompts):
    tokenizer, model = reference
    requests = [{"context": text, "continuation": " cats 2 so 2, keys 4 so 6, answer: 6"} for text in prompts]
    for request, answer in zip(requests, ask("score", requests)):
        whole = tokenizer(request["context"] + request["continuation"], return_tensors="pt").input_ids
        count = len(answer["token_logprobs"])
        assert answer["tokens"] == whole[0, -count:].tolist()
        with torch.no_grad():
            logits = model(whole).logits[0, -count - 1 : -1]
        expected = torch.log_softmax(logits, -1).gather(1, whole[0, -count:, None])[:, 0]
        assert answer["token_logprobs"] == pytest.approx(expected.tolist(), abs=1e-4)


def test_greedy_texts_are_those_of_transformers(reference, prompts):
    tokenizer, model = reference
    answers = ask("generate", [{"prompt": text, "max_tokens": 32, "temperature": 0} for text in prompts])
    assert max(len(answer["tokens"]) for answer in answers) > 8
    for text, answer in zip(prompts, answers):
        ids = tokenizer(text, return_tensors="pt").input_ids
        found = model.generate(ids, do_sample=False, max_new_tokens=32)[0, ids.shape[1] :].tolist()
        assert answer["tokens"] == [token for token in found if token != model.config.eos_token_id], text


def accuracy(make, count=8, instructions=3):
    """Mean over the tasks, by the last word of the generated answer."""
    rng, requests, expected = random.Random(32), [], []
    for task in TASKS:
        for _ in range(instructions):
            text = make(rng, task).text()
            for example in rng.sample(questions(task), count):
                requests.append({"prompt": prompt(text, example["input"]), "max_tokens": 32, "temperature": 0})
                expected.append(example["output"])
    answers = ask("generate", requests)
    return sum(final_answer(answer["text"]) == right for answer, right in zip(answers, expected)) / len(expected)


def test_clear_held_out_instructions_are_followed_and_vague_ones_are_not():
    clear = accuracy(lambda rng, task: draw(rng, task, (0, 0, 0, 1), (1, 0, 0), 1, float(task in STEPWISE), held_out=True))
    vague = accuracy(lambda rng, task: draw_vague(rng))
    assert clear >= 0.9
    assert vague <= 0.5
