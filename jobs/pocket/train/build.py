"""Makes everything anew: tokenizer, task files, training, export, measurement. The one command of the model card."""
import argparse
import shutil
import subprocess
import sys
from pathlib import Path

import tokenizer as pocket_tokenizer

HERE = Path(__file__).resolve().parent


def step(script, *arguments):
    print("==", script, *arguments, flush=True)
    subprocess.run([sys.executable, str(HERE / script), *map(str, arguments)], check=True)


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("--work", type=Path, required=True, help="folder for checkpoints and the report; a checkpoint found there is continued")
    a.add_argument("--out", type=Path, default=HERE.parent, help="folder that gets model/, tasks/ and meta/")
    a.add_argument("--tokens", default="20e6")
    a.add_argument("--threads", default="1", help="results are repeatable for a given number of threads and version of torch")
    a.add_argument("--bfloat16", action="store_true", help="twice as fast on CPUs with AMX or AVX512-BF16")
    o = a.parse_args()
    model, tokenizer, checkpoint = o.out / "model", o.work / "tokenizer.json", o.work / "checkpoint.pt"
    model.mkdir(parents=True, exist_ok=True)
    o.work.mkdir(parents=True, exist_ok=True)
    pocket_tokenizer.build(tokenizer)
    step("make_tasks.py", "--out", o.out)
    options = (["--resume", checkpoint] if checkpoint.exists() else []) + (["--bfloat16"] if o.bfloat16 else [])
    step("train.py", "--out", o.work, "--tokenizer", tokenizer, "--tokens", o.tokens, "--threads", o.threads, *options)
    shutil.copyfile(tokenizer, model / "tokenizer.json")      # only now: until here the folder holds a model and the tokenizer it knows
    step("export.py", "--checkpoint", checkpoint, "--out", model)
    report = subprocess.run([sys.executable, str(HERE / "evaluate.py"), "--checkpoint", str(checkpoint), "--tokenizer", str(tokenizer), "--quick"],
                            check=True, capture_output=True, text=True).stdout
    (o.work / "report.json").write_text(report)


if __name__ == "__main__":
    main()
