"""Makes everything anew: tokenizer, task files, training, export, measurement. The one command of the model card."""
import argparse
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
    a.add_argument("--tokens", default="9e6")
    a.add_argument("--threads", default="1", help="results are repeatable for a given number of threads and version of torch")
    o = a.parse_args()
    model, checkpoint = o.out / "model", o.work / "checkpoint.pt"
    model.mkdir(parents=True, exist_ok=True)
    o.work.mkdir(parents=True, exist_ok=True)
    pocket_tokenizer.build(model / "tokenizer.json")
    step("make_tasks.py", "--out", o.out)
    resume = ["--resume", checkpoint] if checkpoint.exists() else []
    step("train.py", "--out", o.work, "--tokenizer", model / "tokenizer.json", "--tokens", o.tokens, "--threads", o.threads, *resume)
    step("export.py", "--checkpoint", checkpoint, "--out", model)
    report = subprocess.run([sys.executable, str(HERE / "evaluate.py"), "--checkpoint", str(checkpoint), "--tokenizer", str(model / "tokenizer.json")],
                            check=True, capture_output=True, text=True).stdout
    (o.work / "report.json").write_text(report)


if __name__ == "__main__":
    main()
