"""Workload S against transformers: one sequence per label, padded batches of 16, longest first.

*Plain* computes all logits, as evaluation harnesses do; *careful* computes them at the scored rows alone.

    EVOKE_DATA=… EVOKE_BUILD_DIR=build/release python tests/bench/lm/bench_scoring.py [float32|bfloat16] [--threads N]
"""

import tempfile

import torch
import workload

GOALS = {"float32": 50.0, "bfloat16": 40.0}


@torch.inference_mode()
def peer(model, requests, chosen, careful):
    answers = {}
    for batch in workload.batches(requests, workload.BATCH, chosen.every):
        rows = [requests[i]["tokens"] for i in batch]
        longest = max(map(len, rows))
        tokens = torch.tensor([row + [0] * (longest - len(row)) for row in rows])
        mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in rows])
        last = torch.tensor([len(row) for row in rows])
        number = torch.arange(len(rows))
        if careful:
            states = model.model(tokens, attention_mask=mask).last_hidden_state
            logits = model.lm_head(states[number, last - 2])
        else:
            logits = model(tokens, attention_mask=mask).logits[number, last - 2]
        scored = logits.float().log_softmax(-1)[number, tokens[number, last - 1]]
        answers.update(zip(batch, scored.tolist()))
    return answers


def main():
    chosen = workload.options(__doc__)
    requests = workload.scoring_requests()
    with tempfile.TemporaryDirectory() as folder:
        model = workload.random_llama(folder, chosen.dtype)
        ours, line = workload.evoke(folder, chosen, {"score": requests})
        report = workload.Report("workload S", chosen, ours)
        for kind in ("plain", "careful"):
            time, answers = workload.timed(lambda: peer(model, requests, chosen, kind == "careful"))
            goal = GOALS[chosen.dtype] if kind == "plain" else None
            report.peer(f"transformers, {kind}", time.times(workload.scale(requests, answers)), goal)
            difference = workload.largest_difference(line, answers)
            print(f"  largest difference of a log-probability: {difference:.1e}")
            report.expect(difference < workload.tolerance(chosen.dtype), f"the answers differ by {difference}")
    report.finish()


if __name__ == "__main__":
    main()
