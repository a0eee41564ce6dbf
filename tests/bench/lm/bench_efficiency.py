"""What workload S leaves of the machine: its share of its linear layers' speed alone, its memory, its growth.

    EVOKE_DATA=… EVOKE_BUILD_DIR=build/release python tests/bench/lm/bench_efficiency.py [DTYPE] [--threads N]

The share is the time that the linear layers of the call need when they run alone in the same process, divided by the
time of the whole call. They run alone both as Evoke's own products and as libtorch's at::linear; the faster counts.
Memory is the peak of the process during the call above what it held before, weights included.
"""

import statistics
import tempfile

import workload
from lm_oracle import Probe

SHARE, MEMORY, GROWTH = 0.75, 600e6, 2.05
HIDDEN, FEED_FORWARD, LAYERS, VOCABULARY, CHUNK = 512, 1376, 8, 50257, 2048


def products(requests):
    """Tokens computed, and the products of a call by shape: chunks through all layers, scored rows to the end."""
    contexts = {tuple(r["tokens"][:r["context"]]) for r in requests}
    prefixes = {tuple(r["tokens"][:r["prefix"]]) for r in requests}
    tokens = sum(map(len, prefixes)) + sum(len(c) for c in contexts) - sum(r["prefix"] for r in requests) // 4
    scored = len(contexts) + len(prefixes)
    shapes = []

    def add(rows, layers):
        shapes.append({"rows": rows, "columns": HIDDEN, "depth": HIDDEN, "count": 4 * layers})
        shapes.append({"rows": rows, "columns": FEED_FORWARD, "depth": HIDDEN, "count": 2 * layers})
        shapes.append({"rows": rows, "columns": HIDDEN, "depth": FEED_FORWARD, "count": layers})

    for start in range(0, tokens, CHUNK):
        rows = min(CHUNK, tokens - start)
        add(rows, LAYERS - 1)
        # The last layer's keys and values are for all, the rest of it for the scored rows alone.
        shapes.append({"rows": rows, "columns": HIDDEN, "depth": HIDDEN, "count": 2})
    shapes.append({"rows": scored, "columns": HIDDEN, "depth": HIDDEN, "count": 2})
    shapes.append({"rows": scored, "columns": FEED_FORWARD, "depth": HIDDEN, "count": 2})
    shapes.append({"rows": scored, "columns": HIDDEN, "depth": FEED_FORWARD, "count": 1})
    shapes.append({"rows": scored, "columns": VOCABULARY, "depth": HIDDEN, "count": 1})
    return tokens, shapes


def main():
    chosen = workload.options(__doc__)
    requests = workload.scoring_requests()
    twice = workload.scoring_requests(60)
    tokens, shapes = products(requests)
    work = sum(2.0 * s["rows"] * s["columns"] * s["depth"] * s["count"] for s in shapes)
    with tempfile.TemporaryDirectory() as folder:
        workload.random_llama(folder, chosen.dtype)
        probe = Probe(folder, dtype=chosen.dtype, device="cpu", threads=chosen.threads, cache=0)
        before, first, after, *rest = probe.ask(
            {"memory": True}, {"score": requests}, {"memory": True},
            *[{"products": shapes, "rounds": 1}, {"score": requests}, {"score": twice}] * workload.ROUNDS)
    alone, once, doubled = rest[0::3], rest[1::3], rest[2::3]
    seconds = statistics.median(line["seconds"] for line in once)
    report = workload.Report("workload S", chosen, workload.Time(seconds, statistics.median(
        line["cpu_seconds"] for line in once)))
    print(f"  {tokens} tokens computed, {work / 1e9:.0f} GFLOP in linear layers: {work / seconds / 1e9:.1f} GFLOP/s")
    own = statistics.median(line["own"] for line in alone)
    library = statistics.median(line["library"] for line in alone)
    share = min(own, library) / seconds
    print(f"  alone: {work / own / 1e9:.1f} GFLOP/s (own), {work / library / 1e9:.1f} GFLOP/s (at::linear); "
          f"share {share:.0%}, goal {SHARE:.0%}")
    report.expect(share >= SHARE, f"the share of the linear layers' speed is {share:.0%}")
    memory = after["peak"] - before["resident"]
    print(f"  memory above the weights: {memory / 1e6:.0f} MB, goal {MEMORY / 1e6:.0f} MB")
    report.expect(memory <= MEMORY, f"the peak above the weights is {memory / 1e6:.0f} MB")
    growth = statistics.median(line["seconds"] for line in doubled) / seconds
    print(f"  twice the examples: {growth:.2f} times the time, goal {GROWTH}")
    report.expect(growth <= GROWTH, f"twice the examples take {growth:.2f} times as long")
    report.finish()


if __name__ == "__main__":
    main()
