"""Workload S against CTranslate2's score_batch in float32: whole sequences, batches by tokens.

    EVOKE_DATA=… EVOKE_BUILD_DIR=build/release python tests/bench/lm/bench_ctranslate2.py [--threads N]
"""

import pathlib
import sys
import tempfile

import ctranslate2_peer
import workload

GOAL = 40.0
BATCH_TOKENS = 4096


def main():
    chosen = workload.options(__doc__)
    if chosen.dtype != "float32":
        sys.exit("CTranslate2 computes in float32 here")
    requests = workload.scoring_requests()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        workload.random_llama(folder / "model", chosen.dtype)
        generator, words = ctranslate2_peer.load(folder / "model", folder / "converted", chosen.threads)
        rows = [[words[token] for token in request["tokens"]] for request in requests][::chosen.every]
        ours, line = workload.evoke(folder / "model", chosen, {"score": requests})
        report = workload.Report("workload S", chosen, ours)
        time, scores = workload.timed(
            lambda: generator.score_batch(rows, max_batch_size=BATCH_TOKENS, batch_type="tokens"))
        answers = {i * chosen.every: score.log_probs[-1] for i, score in enumerate(scores)}
        report.peer("CTranslate2, score_batch", time.times(workload.scale(requests, answers)), GOAL)
        difference = workload.largest_difference(line, answers)
        print(f"  largest difference of a log-probability: {difference:.1e}")
        report.expect(difference < workload.tolerance(chosen.dtype), f"the answers differ by {difference}")
    report.finish()


if __name__ == "__main__":
    main()
