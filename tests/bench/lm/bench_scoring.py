"""Scoring many prompts over many examples, against transformers in the same run, at equal precision and threads.

Workload S: 4 prompts of 290 tokens, 30 examples of about 55 tokens, 4 labels of one token; a random Llama of 8 layers of
512, GPT-2's tokenizer. The peer scores one sequence per label in padded batches of 16, longest first, as evaluation
harnesses do; `careful` computes the logits at the scored rows alone.

    EVOKE_DATA=… EVOKE_BUILD_DIR=build/release python tests/bench/lm/bench_scoring.py [float32|bfloat16]
"""

import os
import pathlib
import statistics
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).parents[3]
sys.path.insert(0, str(SOURCE / "tests" / "parity" / "lm"))

import torch  # noqa: E402
import transformers  # noqa: E402
from lm_oracle import Probe  # noqa: E402

THREADS = len(os.sched_getaffinity(0))
ROUNDS = 3
GOAL = 10.0
BATCH = 16
LABELS = [" terrible", " bad", " good", " great"]


def workload(data):
    """Requests, prompt by prompt, example by example, label by label."""
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_file=str(data / "tokenizers/gpt2-hf-fast/tokenizer.json"))
    folder = data / "tasks/EvoPrompt/cls/sst2"
    lines = (folder / "seed5" / "dev.txt").read_text().splitlines()
    words = tokenizer.encode(" ".join(line.split("\t")[0] for line in lines))
    labels = [tokenizer.encode(label) for label in LABELS]
    assert all(len(label) == 1 for label in labels)
    starts = [words[i * 290:(i + 1) * 290] for i in range(4)]
    rest = words[4 * 290:]
    examples = []
    for number in range(30):
        length = 45 + number * 7 % 21
        examples.append(rest[:length])
        rest = rest[length:]
    return [{"tokens": prompt + example + label, "context": len(prompt + example), "prefix": len(prompt)}
            for prompt in starts for example in examples for label in labels]


def random_llama(folder, dtype):
    config = transformers.LlamaConfig(
        hidden_size=512, num_hidden_layers=8, num_attention_heads=8, num_key_value_heads=8, intermediate_size=1376,
        vocab_size=50257, max_position_embeddings=1024, tie_word_embeddings=False)
    torch.manual_seed(1)
    model = transformers.LlamaForCausalLM(config).to(dtype).eval()
    model.save_pretrained(folder)
    return model


@torch.inference_mode()
def peer(model, requests, careful):
    order = sorted(range(len(requests)), key=lambda i: -len(requests[i]["tokens"]))
    answers = [0.0] * len(requests)
    for begin in range(0, len(order), BATCH):
        batch = [requests[i]["tokens"] for i in order[begin:begin + BATCH]]
        longest = max(map(len, batch))
        tokens = torch.tensor([row + [0] * (longest - len(row)) for row in batch])
        mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in batch])
        last = torch.tensor([len(row) for row in batch])
        if careful:
            states = model.model(tokens, attention_mask=mask).last_hidden_state
            logits = model.lm_head(states[torch.arange(len(batch)), last - 2])
        else:
            logits = model(tokens, attention_mask=mask).logits[torch.arange(len(batch)), last - 2]
        logprobs = logits.float().log_softmax(-1)
        scored = logprobs[torch.arange(len(batch)), tokens[torch.arange(len(batch)), last - 1]]
        for place, value in zip(order[begin:begin + BATCH], scored.tolist()):
            answers[place] = value
    return answers


def timed(call):
    start = time.perf_counter()
    answers = call()
    return time.perf_counter() - start, answers


def main():
    name = sys.argv[1] if len(sys.argv) > 1 else "float32"
    dtype = getattr(torch, name)
    torch.set_num_threads(THREADS)
    requests = workload(pathlib.Path(os.environ["EVOKE_DATA"]))
    with tempfile.TemporaryDirectory() as folder:
        model = random_llama(folder, dtype)
        # Without a cache between calls, so that each round computes everything. One round of the peer is long enough.
        rounds = Probe(folder, dtype=name, threads=THREADS, cache=0).ask(*[{"score": requests}] * ROUNDS)
        ours = statistics.median(answer["seconds"] for answer in rounds)
        peers = {kind: timed(lambda: peer(model, requests, kind == "careful")) for kind in ("plain", "careful")}
    found = [answer["logprobs"][0] for answer in rounds[0]["score"]]
    difference = max(abs(a - b) for a, b in zip(found, peers["plain"][1]))
    tokens = sum(len(request["tokens"]) for request in requests)
    print(f"workload S, {name}, {THREADS} threads: {len(requests)} requests, {tokens} tokens; "
          f"largest difference {difference:.1e}")
    print(f"  {'evoke':24} {ours:8.3f} s")
    for kind, (seconds, _) in peers.items():
        print(f"  {'transformers, ' + kind:24} {seconds:8.3f} s   ratio {seconds / ours:5.1f}")
    ratio = peers["plain"][0] / ours
    assert difference < (1e-4 if dtype == torch.float32 else 0.1), difference
    if ratio < GOAL:
        sys.exit(f"the ratio {ratio:.1f} is below the goal of {GOAL}")


if __name__ == "__main__":
    main()
