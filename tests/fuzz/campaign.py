"""Feeds one function with inputs that atheris makes up, guided by the lines that they reach.

Needs the group `fuzz` (`uv sync --group fuzz`); nothing that `make test` runs imports it.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import atheris


def run(target: Callable[[bytes], None], seeds: Iterable[bytes], longest_input_bytes: int) -> None:
    """Call `target` `--runs` times; whatever it raises is a finding and ends the process with an error.

    The input of a finding is written into the current folder as `crash-*`, as libFuzzer does.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, required=True, help="how many inputs")
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(seeds):
            (Path(corpus) / f"seed-{number}").write_bytes(seed)
        options = [f"-runs={runs}", f"-max_len={longest_input_bytes}", "-print_final_stats=1", corpus]
        atheris.Setup([sys.argv[0], *options], target)
        atheris.Fuzz()
