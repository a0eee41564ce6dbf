"""Encoding speed against Hugging Face tokenizers, both on one thread: the same lines, the same ids, processor time.

    EVOKE_DATA=… EVOKE_BUILD_DIR=build python tests/bench/text/bench_tokenizers.py
"""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

os.environ["RAYON_NUM_THREADS"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ.setdefault("EVOKE_SOURCE_DIR", str(pathlib.Path(__file__).parents[3]))
sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "parity" / "text"))

import text_families  # noqa: E402
import text_oracle  # noqa: E402
import tokenizers  # noqa: E402

ROUNDS = 5
FOLDERS = {
    "gpt2 (ByteLevel)": "tokenizers/gpt2-hf-fast",
    "roberta (ByteLevel)": "tokenizers/roberta-base",
    "qwen2 (ByteLevel, NFC)": "tokenizers/qwen2",
    "phi-3 (byte fallback)": "tokenizers/phi-3-mini",
    "TinyStories (byte fallback)": "models/TinyStories-656K",
}
# Of these there is no real file: trained here, with the real configuration.
TRAINED = {
    "llama-3 (ignore_merges)": "llama-3",
    "gemma (byte fallback)": "gemma",
    "bert (WordPiece)": "bert uncased",
    "xlm-r (Unigram)": "xlm-r",
}
VOCABULARY = 8000


def reference_of(folder):
    if (folder / "tokenizer.json").exists():
        return tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    import transformers

    return transformers.AutoTokenizer.from_pretrained(folder).backend_tokenizer


def reference_seconds(reference, lines):
    seconds = []
    for _ in range(ROUNDS):
        start = time.process_time()
        ids = sum(len(reference.encode(line).ids) for line in lines)
        one_by_one = time.process_time() - start
        start = time.process_time()
        reference.encode_batch_fast(lines)
        # The better of its two ways: without offsets and in one call.
        seconds.append(min(one_by_one, time.process_time() - start))
    return seconds, ids


def main():
    data = text_oracle.data_folder()
    trained = tempfile.TemporaryDirectory()
    program = pathlib.Path(os.environ["EVOKE_BUILD_DIR"]) / "tests" / "bin" / "encode_time"
    workloads = {
        "text": [line for line in text_oracle.natural_lines(data) if line],
        "mixed": text_oracle.mixed_lines(data, 20000),
    }
    folders = {name: data / path for name, path in FOLDERS.items()}
    for name, family in TRAINED.items():
        folders[name] = pathlib.Path(trained.name) / family
        folders[name].mkdir()
        text_families.write_tokenizer(family, folders[name], data, VOCABULARY)
    print(f"{'tokenizer':28} {'lines':6} {'MB':>5} {'reference s':>12} {'evoke s':>9} {'ratio':>6}")
    for name, folder in folders.items():
        reference = reference_of(folder)
        for kind, lines in workloads.items():
            theirs, their_ids = reference_seconds(reference, lines)
            with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
                json.dump(lines, file)
                file.flush()
                command = [program, folder, file.name, str(ROUNDS)]
                answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            assert answer["ids"] == their_ids, f"{name}: {answer['ids']} ids, the reference has {their_ids}"
            ours, reference_time = statistics.median(answer["seconds"]), statistics.median(theirs)
            size = answer["bytes"] / 1e6
            print(f"{name:28} {kind:6} {size:5.1f} {reference_time:12.3f} {ours:9.3f} {reference_time / ours:6.2f}", flush=True)


if __name__ == "__main__":
    main()
