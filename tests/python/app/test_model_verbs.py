"""`evoke score` for masked models and `evoke gradient`, against transformers."""

import json

import pytest
import torch
import transformers
from searches import SOURCE, evoke
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

WORDS = "the a is in and no yes paris rome france italy city cold warm river old new house ##s ##ed".split()
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
POCKET = SOURCE / "jobs/pocket/model"


def answers(verb, model, *requests, code=0):
    result = evoke(verb, "--model", model, "--dtype", "float32", input="".join(json.dumps(r) + "\n" for r in requests))
    assert result.returncode == code, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bert")
    vocabulary = {word: i for i, word in enumerate(SPECIAL + WORDS)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]")
    fast.save_pretrained(folder)
    torch.manual_seed(0)
    config = transformers.BertConfig(vocab_size=len(vocabulary), hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
                                     intermediate_size=64, max_position_embeddings=40, initializer_range=0.5)
    model = transformers.BertForMaskedLM(config).eval()
    model.save_pretrained(folder)
    return folder, model, fast


def test_candidates_at_masks_agree_with_transformers(bert):
    folder, model, tokenizer = bert
    text = "Paris is in [MASK] and the [MASK] is old"
    candidates = ["france", "italy", tokenizer.convert_tokens_to_ids("river")]
    (answer,) = answers("score", folder, {"id": 7, "text": text, "candidates": candidates})
    ids = tokenizer(text)["input_ids"]
    with torch.no_grad():
        logprobs = model(torch.tensor([ids])).logits[0].log_softmax(-1)
    wanted = [tokenizer.convert_tokens_to_ids(c) if isinstance(c, str) else c for c in candidates]
    assert answer["id"] == 7
    for mask, place in zip(answer["masks"], [i for i, token in enumerate(ids) if token == 4], strict=True):
        assert mask["logprobs"] == pytest.approx(logprobs[place, wanted].tolist(), abs=1e-4)
    (same,) = answers("score", folder, {"id": 7, "text_ids": ids, "candidates": wanted})
    assert same == answer


@pytest.mark.parametrize("line, complaint", [
    ({"text": "no mask", "candidates": ["yes"]}, "expected at least one [MASK]"),
    ({"text": "[MASK]", "candidates": ["rivers"]}, "found 2 tokens in \"rivers\""),
    ({"text": "[MASK]", "candidates": [500]}, "ids below 25, found 500"),
    ({"text": "[MASK]", "candidates": []}, "expected a list of words or token ids"),
    ({"context": "a", "continuation": "b"}, "context"),
])
def test_a_masked_line_that_makes_no_sense_is_named_and_the_rest_answered(bert, line, complaint):
    good = {"text": "a [MASK]", "candidates": ["city"]}
    wrong, right = answers("score", bert[0], line, good, code=2)
    assert complaint in wrong["error"]
    assert len(right["masks"]) == 1


def test_gradient_at_a_mask_agrees_with_autograd(bert):
    folder, model, tokenizer = bert
    ids = tokenizer("the cold [MASK] is old")["input_ids"]
    place = ids.index(4)
    line = {"input_ids": ids, "mask_positions": [place], "label_ids": [[10, 12]], "positions": [1, 2], "top": 5}
    (answer,) = answers("gradient", folder, line)
    table = model.get_input_embeddings().weight.detach()
    one_hot = torch.nn.functional.one_hot(torch.tensor([ids]), table.shape[0]).float().requires_grad_()
    loss = -model(inputs_embeds=one_hot @ table).logits[0, place].log_softmax(-1)[[10, 12]].logsumexp(0)
    loss.backward()
    assert answer["loss"] == pytest.approx(loss.item(), abs=1e-4)
    for found in answer["positions"]:
        best = one_hot.grad[0, found["position"]].topk(5, largest=False)
        assert found["ids"] == best.indices.tolist()
        assert found["values"] == pytest.approx(best.values.tolist(), rel=1e-3, abs=1e-5)


def test_gradient_of_a_causal_target_and_its_ordinary_candidates():
    line = {"input_ids": [0, 40, 50, 60, 70], "target_ids": [80, 90], "positions": [1, 3], "top": 20}
    plain, ordinary, banned = answers("gradient", POCKET, line, line | {"ordinary": True}, line | {"banned": [0, 1, 2]})
    assert [p["position"] for p in plain["positions"]] == [1, 3]
    assert all(len(p["ids"]) == 20 and p["values"] == sorted(p["values"]) for p in plain["positions"])
    special = {0, 1, 2}
    for found in ordinary["positions"] + banned["positions"]:
        assert not special & set(found["ids"])
    assert plain["loss"] == ordinary["loss"]
    # The loss is what `evoke score` says of the same target.
    (scored,) = answers("score", POCKET, {"context_ids": line["input_ids"], "continuation_ids": line["target_ids"]})
    assert plain["loss"] == pytest.approx(-scored["logprob"], abs=1e-4)


@pytest.mark.parametrize("line, complaint", [
    ({"input_ids": [5, 6], "positions": [0]}, "\"target_ids\": expected at least one id"),
    ({"input_ids": [5, 6], "target_ids": [7], "positions": [2]}, "\"positions\""),
    ({"input_ids": [5, 6], "target_ids": [7], "positions": [0], "top": 0}, "\"top\": expected a number from 1"),
    ({"input_ids": [5] * 600, "target_ids": [7], "positions": [0]}, "601 tokens do not fit the model's context of 512"),
])
def test_a_gradient_line_that_makes_no_sense_is_named(line, complaint):
    good = {"input_ids": [5, 6], "target_ids": [7], "positions": [0]}
    wrong, right = answers("gradient", POCKET, line, good, code=2)
    assert complaint in wrong["error"]
    assert "loss" in right


def test_generation_with_a_masked_model_is_refused(bert):
    result = evoke("generate", "--model", bert[0], input=json.dumps({"prompt": "a"}) + "\n")
    assert result.returncode == 2
    assert "expected a causal model" in result.stderr
