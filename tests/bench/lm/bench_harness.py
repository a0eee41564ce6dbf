"""Workload S against lm-evaluation-harness: HFLM in batches of 16, with its one-token trick (logits_cache).

The harness is given ids, so that its tokenizer costs it nothing.

    EVOKE_DATA=… EVOKE_BUILD_DIR=build/release python tests/bench/lm/bench_harness.py [float32|bfloat16] [--threads N]
"""

import logging
import tempfile

import workload
from lm_eval.models.huggingface import HFLM

GOALS = {"float32": 14.0, "bfloat16": 10.0}


def peer(harness, requests, used):
    pairs = [(("", ""), requests[i]["tokens"][:requests[i]["context"]], requests[i]["tokens"][requests[i]["context"]:])
             for i in used]
    scored = harness._loglikelihood_tokens(pairs, disable_tqdm=True)
    return {i: logprob for i, (logprob, _) in zip(used, scored, strict=True)}


def main():
    chosen = workload.options(__doc__)
    logging.disable(logging.WARNING)
    requests = workload.scoring_requests()
    labels = len(workload.LABELS)
    # Whole examples with all their labels, which the trick computes once.
    used = [i for i in range(len(requests)) if i // labels % chosen.every == 0]
    with tempfile.TemporaryDirectory() as folder:
        model = workload.random_llama(folder, chosen.dtype)
        harness = HFLM(pretrained=model, tokenizer=workload.gpt2_tokenizer(), backend="causal", device="cpu",
                       batch_size=workload.BATCH, logits_cache=True, max_length=1024)
        ours, line = workload.evoke(folder, chosen, {"score": requests})
        report = workload.Report("workload S", chosen, ours)
        time, answers = workload.timed(lambda: peer(harness, requests, used))
        report.peer("lm-evaluation-harness, HFLM", time.times(workload.scale(requests, used)), GOALS[chosen.dtype])
        # In bfloat16 the harness rounds the log-probabilities themselves to it: 1/16 at -11.
        difference = workload.largest_difference(line, answers)
        print(f"  largest difference of a log-probability: {difference:.1e}")
        report.expect(difference < workload.tolerance(chosen.dtype), f"the answers differ by {difference}")
    report.finish()


if __name__ == "__main__":
    main()
