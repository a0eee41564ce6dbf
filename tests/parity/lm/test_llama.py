"""Llama checkpoints against transformers: log-probabilities, greedy texts, configurations."""

import copy
import json
import os
import shutil
from pathlib import Path

import pytest
import torch
from lm_oracle import (
    CONTEXT,
    Probe,
    ids,
    largest_difference,
    mean_error,
    oracle_continuation,
    oracle_logprobs,
    randomise,
    requests_of,
)
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM

TOLERANCE = 1e-4
LLAMA3 = {
    "rope_type": "llama3",
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 64,
    "rope_theta": 10000.0,
}


def config(**changes):
    settings = {
        "vocab_size": 311,
        "hidden_size": 96,
        "intermediate_size": 200,
        "num_hidden_layers": 4,
        "num_attention_heads": 6,
        "num_key_value_heads": 2,
        "head_dim": 24,
        "max_position_embeddings": CONTEXT,
        "rope_parameters": dict(LLAMA3),
        "attention_bias": True,
        "mlp_bias": True,
        "tie_word_embeddings": False,
        "bos_token_id": None,
        "eos_token_id": None,
        "pad_token_id": None,
    }
    settings.update(changes)
    return LlamaConfig(**settings)


def make(folder, seed=1, **changes):
    torch.manual_seed(seed)
    model = randomise(LlamaForCausalLM(config(**changes)).float(), gain=2.0, seed=seed)
    model.save_pretrained(folder)
    return model


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    folder = tmp_path_factory.mktemp("llama")
    return folder, make(folder)


def requests(count=24, vocabulary=311, seed=5):
    return requests_of(torch.Generator().manual_seed(seed), vocabulary, count, 300)


def without(model, **changes):
    """The same weights with another configuration."""
    other = LlamaForCausalLM(config(**changes)).float().eval()
    own = other.state_dict()
    own.update({name: value for name, value in model.state_dict().items()
                if name in own and own[name].shape == value.shape})
    other.load_state_dict(own)
    return other


def ungrouped(model):
    """Query heads paired with key-value heads in another order."""
    other = copy.deepcopy(model)
    with torch.no_grad():
        for layer in other.model.layers:
            for part in (layer.self_attn.k_proj, layer.self_attn.v_proj):
                part.weight.copy_(part.weight.view(2, 24, -1).flip(0).reshape(48, -1))
                part.bias.copy_(part.bias.view(2, 24).flip(0).reshape(48))
    return other


def without_parameters(model, ending):
    other = copy.deepcopy(model)
    with torch.no_grad():
        for name, weight in other.named_parameters():
            if name.endswith(ending):
                weight.fill_(1.0 if "norm" in name else 0.0)
    return other


FEATURES = {
    "llama3 rope scaling": lambda m: without(m, rope_parameters={"rope_type": "default", "rope_theta": 10000.0}),
    "rope theta": lambda m: without(m, rope_parameters=LLAMA3 | {"rope_theta": 9000.0}),
    "which heads share keys": ungrouped,
    "attention bias": lambda m: without_parameters(m, "q_proj.bias"),
    "output bias": lambda m: without_parameters(m, "o_proj.bias"),
    "mlp bias": lambda m: without_parameters(m, "down_proj.bias"),
    "norm weights": lambda m: without_parameters(m, "layernorm.weight"),
}


@pytest.mark.parametrize("feature", FEATURES)
def test_each_feature_of_the_tiny_model_matters(tiny, feature):
    _, model = tiny
    changed = FEATURES[feature](model)
    asked = requests()
    with_it = [oracle_logprobs(model, request)[0] for request in asked]
    without_it = [oracle_logprobs(changed, request)[0] for request in asked]
    assert largest_difference(with_it, without_it) >= 100 * TOLERANCE


def test_logprobs_and_greedy_agree_in_float32(tiny):
    folder, model = tiny
    asked = requests(60)
    asked += [request | {"tokens": request["tokens"][: request["context"]] +
                         oracle_continuation(model, request["tokens"][: request["context"]], 3)[0]}
              for request in asked[:6]]
    answers = Probe(folder).score(asked)
    expected = [oracle_logprobs(model, request) for request in asked]
    assert largest_difference([a["logprobs"] for a in answers], [e[0] for e in expected]) <= TOLERANCE
    assert [a["greedy"] for a in answers] == [e[1] for e in expected]
    assert sum(e[1] for e in expected) >= 6


@pytest.mark.parametrize("backend", ["best", "reference"])
def test_both_backends_agree_over_the_whole_context(tiny, backend):
    folder, model = tiny
    generator = torch.Generator().manual_seed(3)
    asked = [{"tokens": ids(generator, 311, CONTEXT), "context": 1, "prefix": 0}]
    answers = Probe(folder, backend=backend).score(asked)
    expected = [oracle_logprobs(model, asked[0])[0]]
    assert len(expected[0]) == CONTEXT - 1
    assert largest_difference([answers[0]["logprobs"]], expected) <= TOLERANCE


def greedy_requests(folder, model, vocabulary, count=16):
    generator = torch.Generator().manual_seed(11)
    prompts = [ids(generator, vocabulary, int(n)) for n in torch.randint(1, 200, (count,), generator=generator)]
    asked = [{"prompt": p, "prefix": len(p) // 2, "max_tokens": 64} for p in prompts]
    answers = Probe(folder).generate(asked)
    return [(answer["tokens"], oracle_continuation(model, prompt, 64)) for prompt, answer in zip(prompts, answers)]


def decided(requests):
    """Without those in which two tokens are as likely, within the tolerance, to the oracle itself."""
    pairs = [(tokens, expected) for tokens, (expected, lead) in requests if lead > TOLERANCE]
    assert len(pairs) >= 0.75 * len(requests)
    return pairs


def test_greedy_texts_of_64_tokens_are_identical(tiny):
    for tokens, expected in decided(greedy_requests(*tiny, vocabulary=311)):
        assert tokens == expected


def test_bfloat16_is_no_worse_than_that_of_transformers(tiny):
    folder, model = tiny
    asked = requests(60)
    exact = [oracle_logprobs(model, request)[0] for request in asked]
    half = copy.deepcopy(model).to(torch.bfloat16)
    theirs = mean_error([oracle_logprobs(half, request)[0] for request in asked], exact)
    ours = mean_error([a["logprobs"] for a in Probe(folder, dtype="bfloat16").score(asked)], exact)
    assert theirs > 1e-3
    assert ours <= 1.2 * theirs


ROPES = {
    "default": {"rope_type": "default", "rope_theta": 500.0},
    "linear": {"rope_type": "linear", "factor": 3.0, "rope_theta": 10000.0},
    "dynamic": {"rope_type": "dynamic", "factor": 4.0, "rope_theta": 10000.0},
}


@pytest.mark.parametrize("rope", ROPES)
def test_other_rope_rules_agree(tmp_path, rope):
    model = make(tmp_path, rope_parameters=ROPES[rope])
    asked = requests()
    expected = [oracle_logprobs(model, request)[0] for request in asked]
    answers = [a["logprobs"] for a in Probe(tmp_path).score(asked)]
    assert largest_difference(answers, expected) <= TOLERANCE


SHAPES = {
    "one key-value head": {"num_key_value_heads": 1},
    "as many as query heads": {"num_key_value_heads": 6},
    "no biases": {"attention_bias": False, "mlp_bias": False},
    "tied head": {"tie_word_embeddings": True},
    "head size from hidden size": {"head_dim": None},
    "wide heads": {"head_dim": 128, "num_attention_heads": 2, "num_key_value_heads": 1},
    "one layer": {"num_hidden_layers": 1},
}


@pytest.mark.parametrize("shape", SHAPES)
def test_other_shapes_agree(tmp_path, shape):
    model = make(tmp_path, **SHAPES[shape])
    asked = requests()
    expected = [oracle_logprobs(model, request)[0] for request in asked]
    answers = [a["logprobs"] for a in Probe(tmp_path).score(asked)]
    assert largest_difference(answers, expected) <= TOLERANCE


def test_the_older_dialect_says_the_same(tiny, tmp_path):
    folder, _ = tiny
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    settings = json.loads((tmp_path / "config.json").read_text())
    rope = settings.pop("rope_parameters")
    settings["rope_theta"] = rope.pop("rope_theta")
    rope["type"] = rope.pop("rope_type")
    settings["rope_scaling"] = rope
    settings["torch_dtype"] = settings.pop("dtype")
    (tmp_path / "config.json").write_text(json.dumps(settings))
    asked = requests()
    assert Probe(tmp_path).score(asked) == Probe(folder).score(asked)


def test_shards_say_the_same(tiny, tmp_path):
    folder, model = tiny
    model.save_pretrained(tmp_path, max_shard_size="300KB")
    assert (tmp_path / "model.safetensors.index.json").exists()
    asked = requests()
    assert Probe(tmp_path).score(asked) == Probe(folder).score(asked)


@pytest.mark.parametrize("stored", [torch.bfloat16, torch.float16])
def test_weights_stored_in_half_precision_are_computed_in_float32(tmp_path, stored):
    model = make(tmp_path)
    model.to(stored).save_pretrained(tmp_path)
    oracle = LlamaForCausalLM.from_pretrained(tmp_path, dtype=torch.float32).eval()
    asked = requests()
    expected = [oracle_logprobs(oracle, request)[0] for request in asked]
    answers = [a["logprobs"] for a in Probe(tmp_path, dtype="float32").score(asked)]
    assert largest_difference(answers, expected) <= TOLERANCE


def test_another_family_is_refused_by_name(tmp_path):
    make(tmp_path)
    settings = json.loads((tmp_path / "config.json").read_text())
    settings["model_type"] = "mamba2"
    (tmp_path / "config.json").write_text(json.dumps(settings))
    code, message = Probe(tmp_path).refusal()
    assert code == 3
    assert "model_type 'mamba2' is not supported; supported: " in message


@pytest.fixture(scope="module")
def stories():
    folder = Path(os.environ.get("EVOKE_DATA", "")) / "models" / "TinyStories-656K"
    if not folder.is_dir():
        pytest.skip("EVOKE_DATA has no models/TinyStories-656K")
    return folder, AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()


def test_a_trained_model_agrees(stories):
    folder, model = stories
    asked = requests(40, vocabulary=2048)
    expected = [oracle_logprobs(model, request)[0] for request in asked]
    answers = [a["logprobs"] for a in Probe(folder).score(asked)]
    assert largest_difference(answers, expected) <= TOLERANCE


def test_a_trained_model_writes_the_same_texts(stories):
    folder, model = stories
    for tokens, expected in decided(greedy_requests(folder, model, vocabulary=2048)):
        # Its end of text is id 2, at which we stop and the oracle does not.
        end = expected.index(2) if 2 in expected else len(expected)
        assert tokens == expected[:end]
