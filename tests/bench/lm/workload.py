"""Workloads S and G, the model they run on, and how both sides of a bench are timed and told.

S: 4 prompts of 290 tokens x 30 examples of about 55 tokens x 4 labels of one token, scored. G: the same 4 x 30 texts
without labels, 64 new tokens each, greedy. The model is a random Llama of 8 layers of 512 with GPT-2's vocabulary.
Evoke is told the prompt as a shared prefix; peers get whole sequences. The sides of a bench run one after the other in
the same minutes, in the same precision, on the same number of threads.
"""

import argparse
import os
import pathlib
import statistics
import sys
import time
from dataclasses import dataclass

SOURCE = pathlib.Path(__file__).parents[3]
sys.path.insert(0, str(SOURCE / "tests" / "parity" / "lm"))

import torch  # noqa: E402
import transformers  # noqa: E402
from lm_oracle import Probe  # noqa: E402

ROUNDS = 9  # the speed of a shared machine changes from second to second
BATCH = 16
NEW_TOKENS = 64
LABELS = [" terrible", " bad", " good", " great"]


@dataclass
class Time:
    """Of one call: seconds that passed, and seconds of processor time on all threads."""

    wall: float
    cpu: float

    def times(self, factor):
        return Time(self.wall * factor, self.cpu * factor)


def options(description):
    parser = argparse.ArgumentParser(description=description.split("\n")[0])
    parser.add_argument("dtype", nargs="?", default="float32", choices=["float32", "bfloat16"])
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--every", type=int, default=0,
                        help="peers compute only every n-th batch, which stands for the others; 0: all of them, or "
                             "every 16th in bfloat16 on a processor that does not multiply it")
    chosen = parser.parse_args()
    if chosen.every == 0:
        chosen.every = 16 if chosen.dtype == "bfloat16" and not multiplies_bfloat16() else 1
    torch.set_num_threads(chosen.threads)
    return chosen


def multiplies_bfloat16():
    flags = pathlib.Path("/proc/cpuinfo").read_text()
    return "avx512_bf16" in flags or "amx_bf16" in flags


def gpt2_tokenizer():
    data = pathlib.Path(os.environ["EVOKE_DATA"])
    file = data / "tokenizers/gpt2-hf-fast/tokenizer.json"
    end = "<|endoftext|>"
    return transformers.PreTrainedTokenizerFast(tokenizer_file=str(file), bos_token=end, eos_token=end, unk_token=end)


def scoring_requests(examples_per_prompt=30):
    """Workload S, prompt by prompt, example by example, label by label."""
    tokenizer = gpt2_tokenizer()
    folder = pathlib.Path(os.environ["EVOKE_DATA"]) / "tasks/EvoPrompt/cls/sst2"
    lines = (folder / "seed5" / "dev.txt").read_text().splitlines()
    words = tokenizer.encode(" ".join(line.split("\t")[0] for line in lines))
    labels = [tokenizer.encode(label) for label in LABELS]
    assert all(len(label) == 1 for label in labels)
    starts = [words[i * 290:(i + 1) * 290] for i in range(4)]
    rest = words[4 * 290:]
    examples = []
    for number in range(examples_per_prompt):
        length = 45 + number * 7 % 21
        examples.append(rest[:length])
        assert len(examples[-1]) == length, "the data holds too few words"
        rest = rest[length:]
    return [{"tokens": prompt + example + label, "context": len(prompt + example), "prefix": len(prompt)}
            for prompt in starts for example in examples for label in labels]


def generation_requests():
    """Workload G."""
    return [{"prompt": request["tokens"][:request["context"]], "prefix": request["prefix"], "max_tokens": NEW_TOKENS}
            for request in scoring_requests()[::len(LABELS)]]


def random_llama(folder, dtype, end=True):
    """Saves the model with its tokenizer, and returns it; without `end`, no id ends a text."""
    config = transformers.LlamaConfig(
        hidden_size=512, num_hidden_layers=8, num_attention_heads=8, num_key_value_heads=8, intermediate_size=1376,
        vocab_size=50257, max_position_embeddings=1024, tie_word_embeddings=False,
        bos_token_id=50256, eos_token_id=50256 if end else None)
    torch.manual_seed(1)
    model = transformers.LlamaForCausalLM(config).to(getattr(torch, dtype)).eval()
    model.save_pretrained(folder)
    gpt2_tokenizer().save_pretrained(folder)
    return model


def evoke(folder, chosen, request, rounds=ROUNDS):
    """The median round and its answers. No cache between calls: each round computes everything."""
    lines = Probe(folder, dtype=chosen.dtype, device="cpu", threads=chosen.threads, cache=0).ask(*[request] * rounds)
    middle = statistics.median_low(line["seconds"] for line in lines)
    line = next(line for line in lines if line["seconds"] == middle)
    return Time(line["seconds"], line["cpu_seconds"]), line


def timed(call):
    wall, cpu = time.perf_counter(), time.process_time()
    answers = call()
    return Time(time.perf_counter() - wall, time.process_time() - cpu), answers


def batches(requests, size, every):
    """Indices of requests, longest first, `size` at a time; every n-th batch of them."""
    order = sorted(range(len(requests)), key=lambda i: -len(requests[i]["tokens"]))
    return [order[begin:begin + size] for begin in range(0, len(order), size)][::every]


def scale(requests, used):
    """What the time for some of the requests is multiplied with to stand for all."""
    return sum(len(r["tokens"]) for r in requests) / sum(len(requests[i]["tokens"]) for i in used)


def largest_difference(line, answers):
    """Between Evoke's log-probabilities and a peer's, {request: value}."""
    return max(abs(line["score"][i]["logprobs"][0] - value) for i, value in answers.items())


def tolerance(dtype):
    return 1e-4 if dtype == "float32" else 0.1


class Report:
    """Prints one line per side, and ends with exit code 1 when a goal was missed."""

    def __init__(self, title, chosen, ours):
        self.ours, self.missed = ours, []
        print(f"{title}, {chosen.dtype}, {chosen.threads} threads")
        print(f"  {'side':34} {'seconds':>9} {'ratio':>7} {'goal':>6}   {'cpu s':>8} {'ratio':>7}")
        print(f"  {'evoke':34} {ours.wall:9.3f} {'':7} {'':6}   {ours.cpu:8.3f}")

    def peer(self, name, time, goal=None):
        ratio = time.wall / self.ours.wall
        shown = f"{goal:.1f}" if goal else ""
        print(f"  {name:34} {time.wall:9.3f} {ratio:7.1f} {shown:>6}   {time.cpu:8.3f} {time.cpu / self.ours.cpu:7.1f}",
              flush=True)
        self.expect(not goal or ratio >= goal, f"{name}: {ratio:.1f} is below the goal of {goal}")

    def expect(self, holds, what):
        if not holds:
            self.missed.append(what)

    def finish(self):
        if self.missed:
            sys.exit("; ".join(self.missed))
