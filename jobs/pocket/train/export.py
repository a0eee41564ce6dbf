"""Writes a checkpoint as a Hugging Face folder; with --check, compares it with what transformers computes from that folder."""
import argparse
import itertools
from pathlib import Path

import torch

import model as pocket
import tokenizer as pocket_tokenizer
from documents import documents


def check(folder, model, texts):
    """Largest difference of logits between this model and transformers', both in float32 from the stored weights."""
    from transformers import AutoModelForCausalLM, AutoTokenizer
    tokenizer = AutoTokenizer.from_pretrained(folder)
    other = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    worst = 0.0
    for text in texts:
        ids = tokenizer(text, return_tensors="pt").input_ids
        assert ids[0, 0] == 0, "the start token is missing"
        assert tokenizer.decode(ids[0, 1:]) == text, "the tokenizer does not give the text back"
        chat = tokenizer.apply_chat_template([{"role": "user", "content": text}], tokenize=True, return_dict=False)
        assert chat == ids[0].tolist(), "the chat template changes the text"
        n = ids.shape[1]
        with torch.no_grad():
            mine = model.logits(model(ids, torch.arange(n)[None], torch.tril(torch.ones(n, n, dtype=torch.bool))[None, None])[0])
            worst = max(worst, (mine - other(ids).logits).abs().max().item())
    return worst


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("--checkpoint", type=Path, required=True)
    a.add_argument("--out", type=Path, required=True, help="folder that holds tokenizer.json already")
    a.add_argument("--check", action="store_true", help="needs transformers")
    o = a.parse_args()
    model, state = pocket.load(o.checkpoint)
    pocket.export(model, o.out)
    pocket_tokenizer.write_config(o.out)
    print(f"{o.out}: {state['seen'] / 1e6:.1f}M tokens, {state['steps']} steps, {(o.out / 'model.safetensors').stat().st_size} bytes")
    if o.check:
        texts = ["".join(t for t, _, s in d if s < 2).replace("</s>", "") for d in itertools.islice(documents(99), 20)]
        print(f"largest difference to transformers: {check(o.out, pocket.stored(model), texts):.2e}")


if __name__ == "__main__":
    main()
