"""The engine on a GPU: computed tokens per second of scoring, and decoding's share of the memory's speed.

    EVOKE_BUILD_DIR=build/release python tests/bench/lm/bench_cuda.py [SHAPE...] [--chunk TOKENS]

Models have the shapes of real ones and random weights in bfloat16. Scoring: 8 prompts of 300 tokens x 200 examples of 60
x 4 labels of one token; what the prefix tree leaves to compute is counted, 2 FLOP for each weight and token besides
attention. Decoding: 256 texts behind one prompt of 1024 tokens; a step must read every weight but the embedding, the
states of the prompt once and those of each text. Peaks are an H200's: 989 TFLOP/s and 4.8 TB/s. Without a GPU the bench
is skipped (exit code 77).
"""

import argparse
import json
import pathlib
import random
import struct
import sys
import tempfile

import torch

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "parity" / "lm"))
from lm_oracle import Probe  # noqa: E402

PEAK_FLOPS, PEAK_BYTES = 989e12, 4.8e12
SKIPPED = 77


def llama(hidden, layers, heads, key_value_heads, head_dim, feed_forward, vocabulary, tied, kind="llama"):
    return {"model_type": kind, "hidden_size": hidden, "num_hidden_layers": layers, "num_attention_heads": heads,
            "num_key_value_heads": key_value_heads, "head_dim": head_dim, "intermediate_size": feed_forward,
            "vocab_size": vocabulary, "max_position_embeddings": 8192, "rms_norm_eps": 1e-5, "rope_theta": 500000.0,
            "hidden_act": "silu", "tie_word_embeddings": tied, "torch_dtype": "bfloat16"}


# Shape, goal in computed tokens per second.
SHAPES = {
    "0.5B": (llama(896, 24, 14, 2, 64, 4864, 151936, True), 0.4e6),
    "1B": (llama(2048, 16, 32, 8, 64, 8192, 128256, True), 0.23e6),
    "8B": (llama(4096, 32, 32, 8, 128, 14336, 128256, False), 39e3),
}
DECODED, DECODE_GOAL = "8B", 0.60


def tensors(config):
    """Name and shape of every tensor."""
    hidden, size = config["hidden_size"], config["head_dim"]
    queries, keys = config["num_attention_heads"] * size, config["num_key_value_heads"] * size
    found = {"model.embed_tokens.weight": (config["vocab_size"], hidden), "model.norm.weight": (hidden,)}
    if not config["tie_word_embeddings"]:
        found["lm_head.weight"] = (config["vocab_size"], hidden)
    for layer in range(config["num_hidden_layers"]):
        name = f"model.layers.{layer}."
        found |= {name + "input_layernorm.weight": (hidden,), name + "post_attention_layernorm.weight": (hidden,),
                  name + "self_attn.q_proj.weight": (queries, hidden), name + "self_attn.k_proj.weight": (keys, hidden),
                  name + "self_attn.v_proj.weight": (keys, hidden), name + "self_attn.o_proj.weight": (hidden, queries)}
        for part, shape in (("gate", (0, 1)), ("up", (0, 1)), ("down", (1, 0))):
            sizes = (config["intermediate_size"], hidden)
            found[f"{name}mlp.{part}_proj.weight"] = (sizes[shape[0]], sizes[shape[1]])
    return found


def weights_of(config):
    """Weights in layers."""
    return sum(shape[0] * shape[1] for name, shape in tensors(config).items() if "layers" in name and len(shape) == 2)


def write_model(folder, config):
    (folder / "config.json").write_text(json.dumps(config))
    header, place = {}, 0
    shapes = tensors(config)
    for name, shape in shapes.items():
        size = 2 * torch.Size(shape).numel()
        header[name] = {"dtype": "BF16", "shape": list(shape), "data_offsets": [place, place + size]}
        place += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    generator = torch.Generator("cuda").manual_seed(1)
    with (folder / "model.safetensors").open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for shape in shapes.values():
            if len(shape) == 1:
                values = torch.ones(shape, device="cuda", dtype=torch.bfloat16)
            else:
                values = torch.randn(shape, generator=generator, device="cuda", dtype=torch.bfloat16) * shape[1] ** -0.5
            file.write(values.view(torch.int16).cpu().numpy().tobytes())
    torch.cuda.empty_cache()


def ids(numbers, count):
    return [numbers.randrange(100, 50000) for _ in range(count)]


def scoring(config, prompts=8, examples=200, prompt=300, example=60, labels=4):
    """Requests; tokens that must be computed; and the FLOP of that, attention included."""
    numbers = random.Random(1)
    starts = [ids(numbers, prompt) for _ in range(prompts)]
    texts = [ids(numbers, example) for _ in range(examples)]
    requests = [{"tokens": start + text + [label], "context": prompt + example, "prefix": prompt}
                for start in starts for text in texts for label in range(labels)]
    tokens = prompts * (prompt + examples * example)
    seen = (prompts * prompt * prompt / 2 + prompts * examples * example * (prompt + example / 2)) / tokens
    attention = 4 * config["num_hidden_layers"] * config["num_attention_heads"] * config["head_dim"] * seen
    head = 2 * config["hidden_size"] * config["vocab_size"] * prompts * examples
    return requests, tokens, (2 * weights_of(config) + attention) * tokens + head


def measure_scoring(folder, name, config, goal, chunk):
    requests, tokens, work = scoring(config)
    lines = Probe(folder, dtype="bfloat16", device="cuda", chunk=chunk, cache=0).ask(
        {"info": True}, *[{"score": requests}] * 4)
    seconds = min(line["seconds"] for line in lines[2:])
    rate, share = tokens / seconds, work / seconds / PEAK_FLOPS
    print(f"{name}: {rate:,.0f} computed tokens/s (goal {goal:,.0f}), {share:.0%} of the peak; {lines[0]}", flush=True)
    return rate >= goal


def measure_decoding(folder, name, config, chunk, texts=256, prompt=1024, own=16, steps=64):
    numbers = random.Random(2)
    start = ids(numbers, prompt)
    prompts = [start + ids(numbers, own) for _ in range(texts)]

    def asked(count):
        return {"generate": [{"prompt": p, "prefix": prompt, "max_tokens": count} for p in prompts]}

    lines = Probe(folder, dtype="bfloat16", device="cuda", chunk=chunk).ask(*[asked(1), asked(1 + steps)] * 3)
    seconds = (min(line["seconds"] for line in lines[3::2]) - min(line["seconds"] for line in lines[2::2])) / steps
    states = 4 * config["num_hidden_layers"] * config["num_key_value_heads"] * config["head_dim"]
    read = 2 * (weights_of(config) + config["hidden_size"] * config["vocab_size"])
    read += states * (prompt + texts * (own + steps / 2))
    share = read / PEAK_BYTES / seconds
    print(f"{name}: a step of {texts} texts in {seconds * 1e3:.2f} ms, {texts / seconds:,.0f} tokens/s, {share:.0%} of the "
          f"memory's speed (goal {DECODE_GOAL:.0%})", flush=True)
    return share >= DECODE_GOAL


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("shapes", nargs="*", default=list(SHAPES), help=", ".join(SHAPES))
    parser.add_argument("--chunk", type=int, default=8192)
    chosen = parser.parse_args()
    if not torch.cuda.is_available():
        print("skipped: no CUDA device is visible")
        sys.exit(SKIPPED)
    passed = []
    for name in chosen.shapes:
        config, goal = SHAPES[name]
        with tempfile.TemporaryDirectory() as place:
            folder = pathlib.Path(place)
            write_model(folder, config)
            passed.append(measure_scoring(folder, name, config, goal, chosen.chunk))
            if name == DECODED:
                passed.append(measure_decoding(folder, name, config, chosen.chunk))
    sys.exit(0 if all(passed) else 1)


if __name__ == "__main__":
    main()
