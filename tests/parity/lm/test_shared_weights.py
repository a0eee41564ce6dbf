"""Ranks of one host share the weights: mapped from the checkpoint, or converted once."""

import json
import subprocess

import pytest
import torch
import transformers
from lm_oracle import Probe


class Rank:
    """The engine as a process that stays."""

    def __init__(self, model, folder, **options):
        self.process = subprocess.Popen(
            Probe(model, **options).command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={"TMPDIR": str(folder)})

    def __enter__(self):
        self.ask({"score": [{"tokens": [1, 2, 3, 4], "context": 3}]})
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        assert self.process.wait() == 0

    def ask(self, line):
        self.process.stdin.write(json.dumps(line) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def private_bytes(self):
        with open(f"/proc/{self.process.pid}/smaps_rollup") as rollup:
            return sum(int(line.split()[1]) * 1024 for line in rollup if line.startswith("Private_"))


FAMILIES = {
    "llama": lambda hidden, vocabulary: transformers.LlamaConfig(
        hidden_size=hidden, num_hidden_layers=2, num_attention_heads=8, num_key_value_heads=8,
        intermediate_size=hidden * 8 // 3, vocab_size=vocabulary, max_position_embeddings=256,
        tie_word_embeddings=False),
    # Stored transposed.
    "gpt2": lambda hidden, vocabulary: transformers.GPT2Config(
        n_embd=hidden, n_layer=4, n_head=8, vocab_size=vocabulary, n_positions=256),
    # Queries, keys and values stored interleaved.
    "gpt_neox": lambda hidden, vocabulary: transformers.GPTNeoXConfig(
        hidden_size=hidden, num_hidden_layers=4, num_attention_heads=8, intermediate_size=hidden,
        vocab_size=vocabulary, max_position_embeddings=256, tie_word_embeddings=True),
}


def checkpoint(folder, hidden, vocabulary, family="llama", stored=torch.bfloat16):
    """Random weights; returns their number."""
    torch.manual_seed(1)
    model = transformers.AutoModelForCausalLM.from_config(FAMILIES[family](hidden, vocabulary))
    model.to(stored).save_pretrained(folder)
    return sum(weight.numel() for weight in model.parameters())


@pytest.mark.parametrize("family, stored, dtype, size", [
    ("llama", torch.bfloat16, "bfloat16", 2),
    ("llama", torch.bfloat16, "float32", 4),
    ("gpt2", torch.float32, "float32", 4),
    ("gpt_neox", torch.float32, "float32", 4),
    ("gpt_neox", torch.float16, "float32", 4),
])
def test_a_second_rank_adds_less_than_a_fifth_of_the_weights(tmp_path, family, stored, dtype, size):
    weights = size * checkpoint(tmp_path / "model", 1024, 16000, family, stored)
    checkpoint(tmp_path / "tiny", 16, 100)
    assert weights > 100e6
    with Rank(tmp_path / "tiny", tmp_path, dtype=dtype), Rank(tmp_path / "tiny", tmp_path, dtype=dtype) as second:
        process_alone = second.private_bytes()
    with Rank(tmp_path / "model", tmp_path, dtype=dtype) as first, \
            Rank(tmp_path / "model", tmp_path, dtype=dtype) as second:
        added = max(second.private_bytes(), first.private_bytes()) - process_alone
    assert added < 0.2 * weights, f"{added / 1e6:.0f} MB of {weights / 1e6:.0f} MB"
    assert not list(tmp_path.glob("evoke-weights-*/*")), "the last rank removes the converted weights"


@pytest.mark.parametrize("family", FAMILIES)
def test_converted_weights_give_the_bits_of_private_ones(tmp_path, family):
    checkpoint(tmp_path / "model", 1024, 16000, family)
    request = {"score": [{"tokens": list(range(1, 90)), "context": 60}]}
    with Rank(tmp_path / "model", tmp_path, dtype="float32") as shared:
        expected = shared.ask(request)["score"]
        converted = list(tmp_path.glob("evoke-weights-*/*"))
        assert len(converted) == 1
    # No folder, no file: each rank converts for itself.
    with Rank(tmp_path / "model", tmp_path / "absent" / "folder", dtype="float32") as alone:
        assert alone.ask(request)["score"] == expected
