"""Gradients with respect to one-hot trigger tokens against transformers and autograd."""

import pytest
import torch
from lm_oracle import Probe, ids, randomise
from test_masked import CONTEXT as MASKED_CONTEXT
from test_masked import MASK, model_of
from tiny_families import FAMILIES, VOCABULARY

POSITIONS = 3
CAUSAL = ["gpt2", "pythia", "opt, sums normalised", "mistral", "qwen3-moe", "gemma2", "phi3", "olmo2"]


def causal_examples(count=7):
    generator = torch.Generator().manual_seed(8)
    examples = []
    trigger = ids(generator, VOCABULARY, POSITIONS)
    for number in range(count):
        tokens = trigger + ids(generator, VOCABULARY, 20 + 30 * number)
        examples.append({"tokens": tokens, "triggers": [0, 1, 2], "context": len(tokens) - 1 - number % 3})
    return examples


def masked_examples(count=7):
    generator = torch.Generator().manual_seed(9)
    trigger = [i + 5 for i in ids(generator, VOCABULARY - 5, POSITIONS)]
    examples = []
    for number in range(count):
        own = [i + 5 for i in ids(generator, VOCABULARY - 5, 10 + 20 * number)]
        tokens = own[:4] + trigger + [MASK] + own[4:]
        assert len(tokens) <= MASKED_CONTEXT
        examples.append({"tokens": tokens, "triggers": [4, 5, 6], "masks": [{"mask": 7, "labels": ids(generator, VOCABULARY, 3)}]})
    return examples


def oracle(model, examples):
    """Mean loss and its gradient, [positions, vocabulary]."""
    table = model.get_input_embeddings().weight.detach()
    total, gradient = 0.0, torch.zeros(POSITIONS, table.shape[0])
    for example in examples:
        one_hot = torch.nn.functional.one_hot(torch.tensor([example["tokens"]]), table.shape[0]).float().requires_grad_()
        logprobs = model(inputs_embeds=embedded(model, one_hot @ table)).logits[0].log_softmax(-1)
        if "masks" in example:
            loss = -sum(logprobs[m["mask"], m["labels"]].logsumexp(0) for m in example["masks"])
        else:
            begin = example["context"]
            targets = torch.tensor(example["tokens"][begin:])
            loss = -logprobs[begin - 1:-1].gather(1, targets[:, None]).sum()
        loss.backward()
        total += loss.item()
        gradient += one_hot.grad[0, example["triggers"]]
    return total / len(examples), gradient / len(examples)


def embedded(model, rows):
    """What the model makes of its embedding's rows before the first layer sees them."""
    scale = getattr(model.get_input_embeddings(), "embed_scale", None)
    return rows if scale is None else rows * scale


def compare(folder, model, examples):
    loss, gradient = oracle(model, examples)
    answer = Probe(folder).ask({"gradient": {"examples": examples, "top": 10}})[0]
    assert answer["loss"] == pytest.approx(loss, abs=1e-4 * max(1.0, abs(loss)))
    for found, expected in zip(answer["positions"], gradient, strict=True):
        best = expected.topk(10, largest=False)
        assert found["ids"] == best.indices.tolist()
        assert found["values"] == pytest.approx(best.values.tolist(), rel=1e-3, abs=1e-5)


@pytest.mark.parametrize("name", CAUSAL)
def test_the_ten_best_of_three_positions_agree_for_a_causal_target(name, tmp_path):
    model = FAMILIES[name].randomised()
    model.save_pretrained(tmp_path)
    compare(tmp_path, model, causal_examples())


@pytest.mark.parametrize("name", ["Bert", "Roberta", "ModernBert"])
def test_the_ten_best_of_three_positions_agree_for_labels_at_a_mask(name, tmp_path):
    torch.manual_seed(1)
    model = randomise(model_of(name), gain=2.0, seed=1)
    model.save_pretrained(tmp_path)
    compare(tmp_path, model, masked_examples())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("gradient")
    FAMILIES["qwen3"].randomised().save_pretrained(made)
    return made


def test_bits_do_not_depend_on_threads(folder):
    asked = {"gradient": {"examples": causal_examples(12), "top": 20}}
    alone = {"gradient": {"examples": causal_examples(1), "top": 20}}
    assert Probe(folder, threads=1).ask(asked, alone) == Probe(folder, threads=2, chunk=64).ask(asked, alone)


def test_banned_ids_are_no_candidates(folder):
    plain = Probe(folder).ask({"gradient": {"examples": causal_examples(), "top": 10}})[0]
    banned = plain["positions"][0]["ids"][:3]
    answer = Probe(folder).ask({"gradient": {"examples": causal_examples(), "top": 10, "banned": banned}})[0]
    for found, before in zip(answer["positions"], plain["positions"]):
        assert not set(found["ids"]) & set(banned)
        assert [i for i in before["ids"] if i not in banned] == found["ids"][:10 - sum(i in banned for i in before["ids"])]
    assert answer["loss"] == plain["loss"]


def test_the_best_candidates_lose_less_than_others(folder):
    """What the values promise to first order shows in the exact loss: on average, over all positions."""
    examples = causal_examples()
    ordered = Probe(folder).ask({"gradient": {"examples": examples, "top": VOCABULARY}})[0]

    def loss(place, token):
        asked = []
        for example in examples:
            tokens = list(example["tokens"])
            tokens[place] = token
            asked.append({"tokens": tokens, "context": example["context"]})
        return -sum(sum(answer["logprobs"]) for answer in probe.score(asked)) / len(examples)

    probe = Probe(folder)
    assert loss(0, examples[0]["tokens"][0]) == pytest.approx(ordered["loss"], abs=1e-4)
    best, worst = (
        sum(loss(place, token) for place, found in enumerate(ordered["positions"]) for token in found["ids"][part])
        for part in (slice(0, 8), slice(-8, None))
    )
    assert best < worst


@pytest.mark.parametrize("change, complaint", [
    ({"triggers": [500]}, "triggers below"),
    ({"context": 0}, "1 <= context < tokens"),
    ({"tokens": [1, 2, 9999]}, "expected ids from 0 to 310, found 9999"),
])
def test_a_request_that_makes_no_sense_is_refused(folder, change, complaint):
    with pytest.raises(AssertionError, match=complaint):
        Probe(folder).ask({"gradient": {"examples": [causal_examples(1)[0] | change]}})


def test_a_text_longer_than_the_context_is_an_overflow(folder):
    example = {"tokens": [1] * 600, "triggers": [0], "context": 500}
    assert Probe(folder).ask({"gradient": {"examples": [example]}})[0]["overflow"]


def test_swaps_of_one_token_share_what_comes_before(folder):
    """Answers do not depend on the declared stem, which only says what is computed once."""
    prompt = ids(torch.Generator().manual_seed(1), VOCABULARY, 60)
    asked = []
    for token in range(20):
        tokens = prompt[:50] + [token] + prompt[51:] + [7, 8, 9]
        asked.append({"tokens": tokens, "context": 62, "prefix": 60})
    plain = Probe(folder, cache=0).score(asked)
    assert Probe(folder, cache=0).score([request | {"stem": 50} for request in asked]) == plain
