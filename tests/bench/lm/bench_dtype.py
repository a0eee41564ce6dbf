"""Workload S in bfloat16 against float32: `dtype = "auto"` must take the faster one.

    EVOKE_DATA=… EVOKE_BUILD_DIR=build/release python tests/bench/lm/bench_dtype.py [--threads N]

Each computes from a checkpoint of its own type.
"""

import pathlib
import statistics
import tempfile

import workload
from lm_oracle import Probe

GOAL = 2.4  # where the processor multiplies bfloat16
DTYPES = ["float32", "bfloat16"]


def main():
    chosen = workload.options(__doc__)
    requests = workload.scoring_requests()
    with tempfile.TemporaryDirectory() as name:
        seconds = {}
        for dtype in DTYPES:
            folder = pathlib.Path(name) / dtype
            workload.random_llama(folder, dtype)
            # The first call of a process also pays for its memory.
            lines = Probe(folder, dtype=dtype, device="cpu", threads=chosen.threads, cache=0).ask(
                *[{"score": requests}] * (1 + workload.ROUNDS))[1:]
            seconds[dtype] = statistics.median(line["seconds"] for line in lines)
        automatic = Probe(pathlib.Path(name) / "float32", dtype="auto", device="cpu").ask({"info": True})[0]["dtype"]
    ratio = seconds["float32"] / seconds["bfloat16"]
    print(f"workload S, {chosen.threads} threads: float32 {seconds['float32']:.3f} s, "
          f"bfloat16 {seconds['bfloat16']:.3f} s, ratio {ratio:.2f}; auto takes {automatic}")
    wanted = "bfloat16" if workload.multiplies_bfloat16() else "float32"
    assert automatic == wanted, f"auto takes {automatic}"
    if wanted == "bfloat16":
        assert ratio >= GOAL, f"bfloat16 is only {ratio:.2f} times as fast"
    else:
        assert ratio < 1.0, f"auto takes float32, though bfloat16 is {ratio:.2f} times as fast"


if __name__ == "__main__":
    main()
