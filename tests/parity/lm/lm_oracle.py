"""Tiny random checkpoints made by transformers, and its answers to hold ours against."""

import json
import os
import subprocess
from pathlib import Path

import torch

# The context of every tiny model: long enough that scaled rotations differ from plain ones.
CONTEXT = 512


def probe_program():
    return Path(os.environ["EVOKE_BUILD_DIR"]) / "tests" / "bin" / "lm_probe"


class Probe:
    """The engine as a process: requests in, answers out."""

    def __init__(self, model, **options):
        self.command = [str(probe_program()), "--model", str(model)]
        for name, value in options.items():
            self.command += [f"--{name}", str(value)]

    def ask(self, *lines):
        text = "".join(json.dumps(line) + "\n" for line in lines)
        done = subprocess.run(self.command, input=text, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def refusal(self):
        done = subprocess.run(self.command, input="", capture_output=True, text=True)
        return done.returncode, done.stderr

    def score(self, requests):
        return self.ask({"score": requests})[0]["score"]

    def generate(self, requests):
        return self.ask({"generate": requests})[0]["generate"]


SHARPER = ("q_proj", "k_proj", "qkv", "query", "self.key", "c_attn")
EMBEDDINGS = ("position_embeddings", "token_type_embeddings")


@torch.no_grad()
def randomise(model, gain, seed):
    """Weights so large that every part of the model shows in its logits; norms and biases too."""
    generator = torch.Generator().manual_seed(seed)
    for name, weight in model.named_parameters():
        noise = torch.randn(weight.shape, generator=generator)
        if weight.dim() == 1 and "norm" in name.lower():
            weight.copy_(1.0 + 0.3 * noise)
        elif weight.dim() == 1:
            weight.copy_(0.5 * noise)
        else:
            # Matrices are [out, in], but [in, out] in GPT-2; of experts there is a stack.
            inputs = weight.shape[0] if "c_attn" in name or "c_proj" in name or "c_fc" in name else weight.shape[-1]
            size = gain if any(part in name for part in SHARPER) else 1.0
            weight.copy_(size * noise / inputs ** 0.5)
            if any(part in name for part in EMBEDDINGS):
                weight.mul_(3.0)
    model.get_input_embeddings().weight.mul_(3.0)
    return model.eval()


def requests_of(generator, vocabulary, count, longest):
    """Requests whose prefix, context and continuation have random lengths; some share a prefix."""
    requests, prefix = [], []
    for number in range(count):
        if number % 4 == 0:
            prefix = ids(generator, vocabulary, int(torch.randint(1, longest // 2, (1,), generator=generator)))
        own = ids(generator, vocabulary, int(torch.randint(0, longest // 4, (1,), generator=generator)))
        label = ids(generator, vocabulary, int(torch.randint(1, 9, (1,), generator=generator)))
        tokens = prefix + own + label
        requests.append({"tokens": tokens, "context": len(prefix + own), "prefix": len(prefix)})
    return requests


def ids(generator, vocabulary, count):
    return torch.randint(0, vocabulary, (count,), generator=generator).tolist()


@torch.no_grad()
def oracle_logprobs(model, request):
    """The log-probability of each continuation id, and whether all are greedy."""
    tokens = torch.tensor([request["tokens"]])
    logits = model(tokens).logits[0].float()
    logprobs = torch.log_softmax(logits.double(), dim=-1)
    rows = range(request["context"] - 1, tokens.shape[1] - 1)
    scored = [logprobs[row, tokens[0, row + 1]].item() for row in rows]
    greedy = all(logits[row].argmax().item() == tokens[0, row + 1].item() for row in rows)
    return scored, greedy


@torch.no_grad()
def oracle_continuation(model, prompt, count, cached=True):
    """Greedy ids, without generate()'s own rules; and the smallest lead of a winner. Without the cache each step computes
    the whole text anew."""
    tokens, lead = list(prompt), float("inf")
    cache = None
    feed = torch.tensor([tokens])
    for _ in range(count):
        out = model(feed, past_key_values=cache, use_cache=cached)
        cache = out.past_key_values
        best = out.logits[0, -1].float().topk(2)
        lead = min(lead, (best.values[0] - best.values[1]).item())
        tokens.append(best.indices[0].item())
        feed = torch.tensor([[tokens[-1]] if cached else tokens])
    return tokens[len(prompt):], lead


def mean_error(answers, expected):
    pairs = [(a, b) for x, y in zip(answers, expected, strict=True) for a, b in zip(x, y, strict=True)]
    return sum(abs(a - b) for a, b in pairs) / len(pairs)


def largest_difference(answers, expected):
    return max(abs(a - b) for x, y in zip(answers, expected, strict=True) for a, b in zip(x, y, strict=True))
