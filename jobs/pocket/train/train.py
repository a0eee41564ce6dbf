"""Trains the pocket model. Everything is drawn from `--seed`; a checkpoint continues with `--resume`."""
import argparse
import math
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

import model as pocket
import tokenizer as pocket_tokenizer
from documents import documents


class Muon(torch.optim.Optimizer):
    """Momentum whose update is made orthogonal (Newton-Schulz), for the matrices; matrices of one shape are treated together."""

    def __init__(self, parameters, lr, momentum=0.95):
        super().__init__(list(parameters), {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            shapes = {}
            for p in group["params"]:
                shapes.setdefault(tuple(sorted(p.shape)), []).append(p)
            for same in shapes.values():
                updates = []
                for p in same:
                    buffer = self.state[p].setdefault("momentum", torch.zeros_like(p))
                    buffer.lerp_(p.grad, 1 - group["momentum"])
                    g = p.grad.lerp(buffer, group["momentum"])
                    updates.append(g.T if p.shape[0] > p.shape[1] else g)
                x = torch.stack(updates)
                x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
                x = x.bfloat16() if pocket.Linear.low else x
                for _ in range(5):
                    a = x @ x.transpose(1, 2)
                    x = 3.4445 * x + (-4.7750 * a + 2.0315 * (a @ a)) @ x
                for p, u in zip(same, x.float()):
                    u = u.T if p.shape[0] > p.shape[1] else u
                    p.mul_(1 - group["lr"] * 0.01).add_(u, alpha=-group["lr"] * math.sqrt(max(1, p.shape[0] / p.shape[1])))


def encode(tokenizer, pieces):
    """ids, weights (of the loss of predicting each id), segments, positions of one document."""
    ids, weights, segments, positions = [0], [0.0], [0], [0]
    shared, start = None, {}
    for (text, weight, segment), found in zip(pieces, tokenizer.encode_batch([p[0] for p in pieces], add_special_tokens=False)):
        if segment and shared is None:
            shared = len(ids)
        for token in found.ids:
            ids.append(token)
            weights.append(weight)
            segments.append(segment)
            at = start.get(segment, shared if segment else len(positions))
            positions.append(at)
            start[segment] = at + 1
    return ids, weights, segments, positions


def batches(tokenizer, stream, tokens_per_step, rng, pool=128):
    """Batches of documents of like length, in random order."""
    while True:
        encoded = sorted((encode(tokenizer, next(stream)) for _ in range(pool)), key=lambda d: len(d[0]))
        groups, group = [], []
        for d in encoded:
            if group and (len(group) + 1) * len(d[0]) > tokens_per_step:
                groups.append(group)
                group = []
            group.append(d)
        groups.append(group)
        rng.shuffle(groups)
        yield from groups


def tensors(group, rng):
    longest = max(len(d[0]) for d in group)
    ids, segments, positions = (np.zeros((len(group), longest), np.int64) for _ in range(3))
    weights = np.zeros((len(group), longest), np.float32)
    segments -= 1
    for row, (i, w, s, p) in enumerate(group):
        ids[row, :len(i)], weights[row, :len(i)], segments[row, :len(i)], positions[row, :len(i)] = i, w, s, p
    # What predicts token j is the token before it in its segment: the last shared one for the first of a segment.
    before = np.tile(np.arange(-1, longest - 1), (len(group), 1))
    for row, (_, _, s, _) in enumerate(group):
        s = np.array(s)
        shared = int((s == 0).sum())
        firsts = np.nonzero((s[1:] != s[:-1]) & (s[1:] > 0))[0] + 1
        before[row, firsts] = shared - 1
    # Texts of small weight are sampled, at a weight that makes up for it: few logits are worth their time.
    light = (weights > 0) & (weights < 0.05)
    weights = np.where(light, np.where(rng.random(weights.shape) < weights * 2, 0.5, 0.0), weights).astype(np.float32)
    s = torch.from_numpy(segments)
    mask = torch.tril(torch.ones(longest, longest, dtype=torch.bool))[None] & ((s[:, None, :] == 0) | (s[:, None, :] == s[:, :, None]))
    return torch.from_numpy(ids), torch.from_numpy(positions), mask[:, None], torch.from_numpy(weights), torch.from_numpy(before)


def loss_of(model, batch):
    ids, positions, mask, weights, before = batch
    hidden, _ = model(ids, positions, mask)
    rows, columns = weights.nonzero(as_tuple=True)
    logits = F.linear(hidden[rows, before[rows, columns]], model.embed_tokens.weight)
    losses = F.cross_entropy(logits, ids[rows, columns], reduction="none")
    w = weights[rows, columns]
    return (losses * w).sum() / w.sum(), losses.detach(), w


def rate(progress, warm=0.01, high=0.045, settled=0.10, low=0.3):
    """Warm-up, a short high start, then low and straight down to nothing: later, a high rate only shakes what was learnt."""
    if progress < high:
        return min(1.0, progress / warm + 0.02)
    if progress < settled:
        return low + (1.0 - low) * (settled - progress) / (settled - high)
    return low * (1.0 - progress) / (1.0 - settled)


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("--out", type=Path, required=True, help="folder for checkpoints and log")
    a.add_argument("--tokenizer", type=Path, required=True)
    a.add_argument("--tokens", type=float, default=20e6, help="length of training; the learning rate follows it")
    a.add_argument("--step-tokens", type=int, default=3072)
    a.add_argument("--seed", type=int, default=7)
    a.add_argument("--matrix-rate", type=float, default=0.02)
    a.add_argument("--other-rate", type=float, default=4e-3)
    a.add_argument("--minutes", type=float, default=0, help="stop early, checkpoint kept (0: never)")
    a.add_argument("--resume", type=Path)
    a.add_argument("--threads", type=int, default=1)
    a.add_argument("--device", default="cpu", help="cpu or cuda; the same seed gives other weights on another kind of machine")
    a.add_argument("--bfloat16", action="store_true", help="products in bfloat16: for CPUs with AMX or AVX512-BF16, and for GPUs")
    o = a.parse_args()
    torch.set_num_threads(o.threads)
    torch.manual_seed(o.seed)
    pocket.Linear.low = o.bfloat16
    tokenizer = pocket_tokenizer.load(o.tokenizer)
    o.out.mkdir(parents=True, exist_ok=True)
    seen, steps, state = 0, 0, None
    if o.resume:
        model, state = pocket.load(o.resume)
        seen, steps = state["seen"], state["steps"]
    else:
        model = pocket.Pocket(pocket.Shape(vocabulary=(tokenizer.get_vocab_size() + 63) // 64 * 64))
    model.to(o.device)
    matrices = [p for n, p in model.named_parameters() if n.endswith("proj.weight")]
    others = [p for n, p in model.named_parameters() if not n.endswith("proj.weight")]
    optimizers = [Muon(matrices, o.matrix_rate), torch.optim.AdamW(others, o.other_rate, betas=(0.9, 0.98), weight_decay=0.0, fused=True)]
    if state:
        for optimizer, kept in zip(optimizers, state["optimizers"]):
            optimizer.load_state_dict(kept)
    rng = np.random.default_rng(o.seed + steps)
    stream = documents(o.seed * 1000003 + steps, lambda: seen / o.tokens)
    began, last, first_seen = time.time(), time.time(), seen
    answer, proposal, count = [], [], 0
    saved = time.time()

    def keep():
        pocket.save(model, o.out / "checkpoint.tmp", seen=seen, steps=steps, optimizers=[x.state_dict() for x in optimizers])
        (o.out / "checkpoint.tmp").rename(o.out / "checkpoint.pt")

    print(f"{sum(p.numel() for p in model.parameters())} parameters, vocabulary {model.shape.vocabulary}", flush=True)
    for group in batches(tokenizer, stream, o.step_tokens, rng):
        batch = [t.to(o.device) for t in tensors(group, rng)]
        loss, losses, w = loss_of(model, batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(others, 1.0)
        for optimizer, base in zip(optimizers, (o.matrix_rate, o.other_rate)):
            for g in optimizer.param_groups:
                g["lr"] = base * rate(seen / o.tokens)
            optimizer.step()
            optimizer.zero_grad()
        seen += sum(len(d[0]) for d in group)
        steps += 1
        answer.append((losses[w == 1.0].sum().item(), int((w == 1.0).sum())))
        proposal.append((losses[(w > 0.115) & (w < 0.125)].sum().item(), int(((w > 0.115) & (w < 0.125)).sum())))
        if steps % 100 == 0:
            mean = lambda xs: sum(x for x, _ in xs) / max(1, sum(n for _, n in xs))
            print(f"step {steps} tokens {seen / 1e6:.2f}M answer {mean(answer):.3f} proposal {mean(proposal):.3f} "
                  f"speed {(seen - first_seen) / (time.time() - began):.0f}/s minutes {(time.time() - began) / 60:.1f}", flush=True)
            answer, proposal = [], []
        over = o.minutes and time.time() - began > 60 * o.minutes
        if over or seen >= o.tokens or time.time() - saved > 180:
            keep()
            saved = time.time()
        if over or seen >= o.tokens:
            break
    print("done", flush=True)


if __name__ == "__main__":
    main()
