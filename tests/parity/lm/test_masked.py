"""Masked families against transformers, on checkpoints made on the spot."""

import copy

import pytest
import torch
import transformers
from lm_oracle import Probe, ids, randomise

TOLERANCE = 1e-4
VOCABULARY = 311
CONTEXT = 200
MASK = 4
CANDIDATES = [0, 7, 7, 100, 310]
SIZES = {"vocab_size": VOCABULARY, "hidden_size": 96, "intermediate_size": 200, "num_hidden_layers": 4, "num_attention_heads": 6}
LAYERS = ["full_attention", "sliding_attention", "sliding_attention", "full_attention"]
ROPES = {"full_attention": {"rope_type": "default", "rope_theta": 5000.0}, "sliding_attention": {"rope_type": "default", "rope_theta": 300.0}}
FAMILIES = {
    "Bert": SIZES | {"max_position_embeddings": CONTEXT, "pad_token_id": 0},
    "Roberta": SIZES | {"max_position_embeddings": CONTEXT + 2, "pad_token_id": 1, "type_vocab_size": 1, "layer_norm_eps": 1e-5},
    "ModernBert": SIZES | {"max_position_embeddings": CONTEXT, "local_attention": 24, "layer_types": LAYERS, "rope_parameters": ROPES,
                           "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "cls_token_id": 1, "sep_token_id": 2,
                           "norm_bias": True, "attention_bias": True, "mlp_bias": True, "classifier_bias": True},
}


def zero(part):
    def change(model):
        found = [weight for name, weight in model.named_parameters() if part in name]
        assert found, part
        for weight in found:
            weight.zero_()
    return change


def roll_positions(model):
    for name, weight in model.named_parameters():
        if "position_embeddings" in name:
            weight.copy_(weight.roll(2, 0))


FEATURES = {
    "Bert": {"token types": zero("token_type"), "positions": roll_positions, "head's bias": zero("predictions.bias"),
             "transform's bias": zero("transform.dense.bias")},
    "Roberta": {"token types": zero("token_type"), "positions": roll_positions, "head's bias": zero("lm_head.bias")},
    "ModernBert": {"windows": {"local_attention": 400}, "exact width of a window": {"local_attention": 26},
                   "rope of windows": {"rope_parameters": ROPES | {"sliding_attention": ROPES["full_attention"]}},
                   "head's bias": zero("decoder.bias")},
}


def model_of(name, **changes):
    config = getattr(transformers, name + "Config")(**FAMILIES[name] | changes)
    config._attn_implementation = "eager"
    return getattr(transformers, name + "ForMaskedLM")(config).float().eval()


@pytest.fixture(scope="module", params=FAMILIES)
def made(request, tmp_path_factory):
    torch.manual_seed(1)
    folder = tmp_path_factory.mktemp("masked")
    model = randomise(model_of(request.param), gain=2.0, seed=1)
    model.save_pretrained(folder)
    return request.param, folder, model


def texts(count=20):
    generator = torch.Generator().manual_seed(6)
    lengths = torch.randint(2, CONTEXT, (count,), generator=generator).tolist() + [1, CONTEXT]
    requests = []
    for length in lengths:
        tokens = [i if i > MASK else 5 for i in ids(generator, VOCABULARY, length)]
        masks = sorted(set(torch.randint(0, length, (3,), generator=generator).tolist()))
        for place in masks:
            tokens[place] = MASK
        requests.append({"tokens": tokens, "masks": masks, "candidates": CANDIDATES})
    return requests


@torch.no_grad()
def oracle(model, asked):
    answers = []
    for request in asked:
        logprobs = model(torch.tensor([request["tokens"]])).logits[0].double().log_softmax(-1)
        answers.append(logprobs[request["masks"]][:, request["candidates"]])
    return answers


def difference(answers, expected):
    return max((torch.as_tensor(a, dtype=torch.double) - b).abs().max().item() for a, b in zip(answers, expected, strict=True))


def ask(folder, asked, **options):
    return Probe(folder, **options).ask({"masked": asked})[0]["masked"]


def test_each_feature_matters_to_the_oracle(made):
    name, _, model = made
    expected = oracle(model, texts())
    for feature, change in FEATURES[name].items():
        other = copy.deepcopy(model)
        if callable(change):
            with torch.no_grad():
                change(other)
        else:
            other = model_of(name, **change)
            other.load_state_dict(model.state_dict())
        assert difference(oracle(other, texts()), expected) >= 100 * TOLERANCE, feature


@pytest.mark.parametrize("backend", ["best", "reference"])
def test_logprobs_agree_in_float32(made, backend):
    _, folder, model = made
    assert difference(ask(folder, texts(), backend=backend, chunk=300), oracle(model, texts())) <= TOLERANCE


def test_bfloat16_is_no_worse_than_that_of_transformers(made):
    _, folder, model = made
    exact = oracle(model, texts())

    def error(answers):
        return sum((torch.as_tensor(a, dtype=torch.double) - b).abs().sum().item() for a, b in zip(answers, exact))

    theirs = error(oracle(copy.deepcopy(model).to(torch.bfloat16), texts()))
    assert theirs > 1
    assert error(ask(folder, texts(), dtype="bfloat16")) <= 1.2 * theirs


def test_answers_depend_on_their_request_alone(made):
    _, folder, _ = made
    together = ask(folder, texts())
    assert ask(folder, texts()[::-1], chunk=64, threads=2)[::-1] == together
    assert ask(folder, texts()[3:4]) == together[3:4]


def test_a_causal_question_is_refused(made):
    _, folder, _ = made
    probe = Probe(folder)
    with pytest.raises(AssertionError, match="score: expected a causal model"):
        probe.score([{"tokens": [5, 6], "context": 1, "prefix": 0}])


def test_a_tensor_of_an_old_bert_is_known_by_its_old_name(tmp_path):
    from safetensors.torch import load_file, save_file

    torch.manual_seed(1)
    model = randomise(model_of("Bert"), gain=2.0, seed=1)
    model.save_pretrained(tmp_path)
    expected = ask(tmp_path, texts(5))
    file = tmp_path / "model.safetensors"
    tensors = load_file(file)
    old = {name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"): tensor
           for name, tensor in tensors.items()}
    assert old.keys() != tensors.keys()
    save_file(old, file, metadata={"format": "pt"})
    assert ask(tmp_path, texts(5)) == expected
