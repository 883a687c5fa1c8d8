"""LiteRT is loaded without a word, and standard error is afterwards what it was."""

import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[3]
_LOAD = """
import os, sys, threading
from drivers.face.models import load_landmark_model
from drivers.face.tflite import TfliteModel
model = load_landmark_model()
{before}
threads = [threading.Thread(target=lambda: [TfliteModel(model) for _ in range(4)]) for _ in range(3)]
for thread in threads: thread.start()
for thread in threads: thread.join()
{after}
"""


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("", "os.write(2, b'still heard')", "still heard"),
        ("os.close(2)", "print('loaded')", ""),
    ],
    ids=["open", "closed"],
)
def test_what_others_say_is_heard_again(before: str, after: str, said: str) -> None:
    code = _LOAD.format(before=before, after=after)
    done = subprocess.run((sys.executable, "-c", code), cwd=_ROOT, capture_output=True, text=True, check=True)
    assert done.stderr == said
    assert done.stdout == ("" if said else "loaded\n")
