"""Workload G against transformers' generate and CTranslate2's generate_batch, greedy, without an early end.

transformers runs batches of 30, left-padded; CTranslate2 takes all texts and makes batches of 30 of them.

    EVOKE_DATA=… EVOKE_BUILD_DIR=build/release python tests/bench/lm/bench_generation.py [DTYPE] [--threads N]
"""

import pathlib
import tempfile

import ctranslate2_peer
import torch
import workload

GOALS = {"transformers": 3.2, "CTranslate2": 4.0}
BATCH = 30


@torch.inference_mode()
def with_transformers(model, prompts):
    """Ids by prompt number."""
    texts = {}
    order = sorted(range(len(prompts)), key=lambda i: -len(prompts[i]))
    for batch in (order[begin:begin + BATCH] for begin in range(0, len(order), BATCH)):
        longest = max(len(prompts[i]) for i in batch)
        tokens = torch.tensor([[0] * (longest - len(prompts[i])) + prompts[i] for i in batch])
        mask = torch.tensor([[0] * (longest - len(prompts[i])) + [1] * len(prompts[i]) for i in batch])
        made = model.generate(tokens, attention_mask=mask, do_sample=False, max_new_tokens=workload.NEW_TOKENS,
                              min_new_tokens=workload.NEW_TOKENS, pad_token_id=0)
        texts.update((i, row[longest:].tolist()) for i, row in zip(batch, made))
    return texts


def with_ctranslate2(generator, words, prompts):
    made = generator.generate_batch(
        [[words[token] for token in prompt] for prompt in prompts], max_batch_size=BATCH, batch_type="examples",
        beam_size=1, sampling_topk=1, max_length=workload.NEW_TOKENS, min_length=workload.NEW_TOKENS,
        include_prompt_in_result=False)
    return dict(enumerate(result.sequences_ids[0] for result in made))


@torch.inference_mode()
def lead_at_difference(model, prompt, ours, theirs):
    """How far the peer's first different id lies above ours in the reference's logits; 0 when all are equal."""
    place = next((i for i, (a, b) in enumerate(zip(ours, theirs, strict=True)) if a != b), None)
    if place is None:
        return 0.0
    logits = model(torch.tensor([prompt + ours[:place]])).logits[0, -1].float()
    return abs(logits[theirs[place]] - logits[ours[place]]).item()


def compare(report, model, prompts, line, texts, dtype):
    ours = [answer["tokens"] for answer in line["generate"]]
    leads = [lead_at_difference(model, prompts[i], ours[i], text) for i, text in texts.items()]
    print(f"  {leads.count(0.0)} of {len(leads)} texts equal; the largest lead at a difference: {max(leads):.1e}")
    report.expect(max(leads) < workload.tolerance(dtype), f"a text differs by a lead of {max(leads)}")


def main():
    chosen = workload.options(__doc__)
    requests = workload.generation_requests()
    prompts = [request["prompt"] for request in requests]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        model = workload.random_llama(folder / "model", chosen.dtype, end=False)
        ours, line = workload.evoke(folder / "model", chosen, {"generate": requests}, rounds=3)
        assert all(len(answer["tokens"]) == workload.NEW_TOKENS for answer in line["generate"])
        report = workload.Report("workload G", chosen, ours)
        time, texts = workload.timed(lambda: with_transformers(model, prompts))
        report.peer("transformers, generate", time, GOALS["transformers"])
        compare(report, model, prompts, line, texts, chosen.dtype)
        if chosen.dtype == "float32":
            generator, words = ctranslate2_peer.load(folder / "model", folder / "converted", chosen.threads)
            time, texts = workload.timed(lambda: with_ctranslate2(generator, words, prompts))
            report.peer("CTranslate2, generate_batch", time, GOALS["CTranslate2"])
            compare(report, model, prompts, line, texts, chosen.dtype)
    report.finish()


if __name__ == "__main__":
    main()
