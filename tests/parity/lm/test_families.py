"""Every causal family against transformers, on a checkpoint made on the spot."""

import copy
import json
import re

import pytest
import torch
import transformers
from lm_oracle import (
    CONTEXT,
    Probe,
    ids,
    largest_difference,
    mean_error,
    oracle_continuation,
    oracle_logprobs,
    requests_of,
)
from safetensors.torch import load_file, save_file
from tiny_families import FAMILIES, LONG_AFTER, VOCABULARY

TOLERANCE = 1e-4


def requests(count=24, longest=300):
    return requests_of(torch.Generator().manual_seed(5), VOCABULARY, count, longest)


def every_id(length):
    """One context with each id of the vocabulary behind it: all logits of a row."""
    context = ids(torch.Generator().manual_seed(length), VOCABULARY, length)
    return [{"tokens": context + [i], "context": length, "prefix": length // 2} for i in range(VOCABULARY)]


@pytest.fixture(scope="module", params=FAMILIES)
def made(request, tmp_path_factory):
    family = FAMILIES[request.param]
    folder = tmp_path_factory.mktemp("family")
    model = family.randomised()
    model.save_pretrained(folder)
    return family, folder, model


def expected_of(model, asked):
    return [oracle_logprobs(model, request)[0] for request in asked]


def test_each_feature_matters_to_the_oracle(made):
    family, _, model = made
    whole = {"tokens": ids(torch.Generator().manual_seed(3), VOCABULARY, CONTEXT), "context": 1, "prefix": 0}
    asked = [*requests(8), whole]
    with_it = expected_of(model, asked)
    for feature in family.features:
        without_it = expected_of(family.without(model, feature), asked)
        assert largest_difference(with_it, without_it) >= 100 * TOLERANCE, feature


def test_logits_have_a_deviation_of_one(made):
    _, _, model = made
    with torch.no_grad():
        logits = model(torch.tensor([ids(torch.Generator().manual_seed(3), VOCABULARY, 100)])).logits
    assert logits.std() >= 1


@pytest.mark.parametrize("backend", ["best", "reference"])
def test_logprobs_agree_in_float32(made, backend):
    _, folder, model = made
    whole = {"tokens": ids(torch.Generator().manual_seed(3), VOCABULARY, CONTEXT), "context": 1, "prefix": 0}
    asked = [*requests(), *every_id(70), whole]
    answers = [a["logprobs"] for a in Probe(folder, backend=backend, chunk=200).score(asked)]
    expected = expected_of(model, requests()) + row_of(model, every_id(70)) + expected_of(model, [whole])
    assert largest_difference(answers, expected) <= TOLERANCE


@torch.no_grad()
def row_of(model, asked):
    logits = model(torch.tensor([asked[0]["tokens"][:-1]])).logits[0, -1].double()
    return [[value] for value in torch.log_softmax(logits, dim=-1).tolist()]


def test_greedy_texts_of_64_tokens_are_identical(made):
    family, folder, model = made
    generator = torch.Generator().manual_seed(11)
    lengths = [1, 7, 30, 64, 100, LONG_AFTER - 30, LONG_AFTER, LONG_AFTER + 1, 300]
    prompts = [ids(generator, VOCABULARY, length) for length in lengths]
    answers = Probe(folder).generate([{"prompt": p, "prefix": len(p) // 2, "max_tokens": 64} for p in prompts])
    decided = 0
    for prompt, answer in zip(prompts, answers):
        expected, lead = oracle_continuation(model, prompt, 64, cached=family.long_after is None)
        if lead > TOLERANCE:
            assert answer["tokens"] == expected
            decided += 1
    assert decided >= 0.75 * len(prompts)


def test_bfloat16_is_no_worse_than_that_of_transformers(made):
    _, folder, model = made
    asked = requests(40)
    exact = expected_of(model, asked)
    theirs = mean_error(expected_of(copy.deepcopy(model).to(torch.bfloat16), asked), exact)
    ours = mean_error([a["logprobs"] for a in Probe(folder, dtype="bfloat16").score(asked)], exact)
    assert theirs > 1e-3
    assert ours <= 1.2 * theirs


def test_answers_depend_neither_on_company_nor_on_chunks(made):
    _, folder, _ = made
    asked = requests(16)
    together = Probe(folder).score(asked)
    assert Probe(folder, chunk=64, threads=2, cache=0).score(asked[::-1])[::-1] == together
    assert [Probe(folder).score([request])[0] for request in asked[:3]] == together[:3]


def test_what_a_gpu_runs_says_the_same_on_the_processor(made):
    """The backend of CUDA with plain operators instead of kernels, against the one that was held against transformers."""
    family, folder, _ = made
    whole = {"tokens": ids(torch.Generator().manual_seed(3), VOCABULARY, CONTEXT), "context": 1, "prefix": 0}
    asked = [*requests(), whole]
    own = Probe(folder).score(asked)
    for chunk in (200, 1024):
        packed = Probe(folder, backend="packed", chunk=chunk).score(asked)
        assert largest_difference([a["logprobs"] for a in packed], [a["logprobs"] for a in own]) <= TOLERANCE
    generator = torch.Generator().manual_seed(11)
    prompts = [ids(generator, VOCABULARY, length) for length in [1, 64, 100, LONG_AFTER - 5, LONG_AFTER + 1]]
    texts = Probe(folder, backend="packed").generate([{"prompt": p, "prefix": len(p) // 2, "max_tokens": 16} for p in prompts])
    ending = range(len(texts)) if family.long_after is None else [0, 1, 2, 4]  # one grows over the border between two models
    judged = Probe(folder).score([{"tokens": prompts[i] + texts[i]["tokens"], "context": len(prompts[i])} for i in ending])
    assert sum(answer["greedy"] for answer in judged) >= 0.75 * len(judged)


def test_what_a_gpu_runs_does_not_depend_on_company(made):
    _, folder, _ = made
    asked = requests(16)
    together = Probe(folder, backend="packed", chunk=200).score(asked)
    assert Probe(folder, backend="packed", chunk=200, cache=0).score(asked[::-1])[::-1] == together
    assert [Probe(folder, backend="packed", chunk=200).score([request])[0] for request in asked[:3]] == together[:3]


def to_older_dialect(settings):
    """config.json as transformers 4 wrote it."""
    older = dict(settings)
    rope = older.pop("rope_parameters", None)
    older["torch_dtype"] = older.pop("dtype", "float32")
    older.pop("layer_types", None)
    if rope is None:
        return older
    if "full_attention" in rope:
        older["rope_theta"] = rope["full_attention"]["rope_theta"]
        if settings["model_type"] == "gemma3_text":
            older["rope_local_base_freq"] = rope["sliding_attention"]["rope_theta"]
        scaling = {k: v for k, v in rope["full_attention"].items() if k != "rope_theta"}
    else:
        scaling = {k: v for k, v in rope.items() if k not in ("rope_theta", "partial_rotary_factor")}
        names = ("rotary_emb_base", "rotary_pct") if settings["model_type"] == "gpt_neox" else ("rope_theta", "partial_rotary_factor")
        older[names[0]] = rope["rope_theta"]
        if "partial_rotary_factor" in rope:
            older[names[1]] = rope["partial_rotary_factor"]
    if scaling["rope_type"] != "default":
        older["rope_scaling"] = {("type" if k == "rope_type" else k): v for k, v in scaling.items()}
    return older


@pytest.mark.parametrize("name", ["pythia", "smollm3", "mistral", "qwen2", "qwen3-moe", "gemma2", "phi3", "olmo2", "olmo3"])
def test_both_dialects_of_the_configuration_mean_the_same(name, tmp_path):
    family = FAMILIES[name]
    family.randomised().save_pretrained(tmp_path)
    asked = requests(8)
    newer = Probe(tmp_path).score(asked)
    file = tmp_path / "config.json"
    file.write_text(json.dumps(to_older_dialect(json.loads(file.read_text()))))
    assert "rope_parameters" not in json.loads(file.read_text())
    assert Probe(tmp_path).score(asked) == newer


@pytest.mark.parametrize("root", ["language_model.model.", "model.language_model."])
def test_gemma3_is_found_within_a_checkpoint_that_reads_images(root, tmp_path):
    """From 4B on: the text model's settings and tensors lie one level deeper, beside a vision tower."""
    family = FAMILIES["gemma3"]
    text = family.randomised()
    vision = transformers.SiglipVisionConfig(
        hidden_size=16, intermediate_size=24, num_hidden_layers=1, num_attention_heads=2, image_size=28, patch_size=14
    )
    config = transformers.Gemma3Config(text_config=text.config, vision_config=vision, mm_tokens_per_image=4)
    whole = transformers.Gemma3ForConditionalGeneration(config)
    whole.model.language_model.load_state_dict(text.model.state_dict())
    whole.save_pretrained(tmp_path)
    file = tmp_path / "model.safetensors"
    tensors = {re.sub(r"^(language_model\.model|model\.language_model)\.", root, name): tensor for name, tensor in load_file(file).items()}
    assert any("vision_tower" in name for name in tensors)
    assert sum(name.startswith(root) for name in tensors) == len(text.model.state_dict())
    save_file(tensors, file, metadata={"format": "pt"})
    asked = requests(8)
    answers = [a["logprobs"] for a in Probe(tmp_path).score(asked)]
    assert largest_difference(answers, expected_of(text, asked)) <= TOLERANCE
