"""Cores are kept busy for as long as somebody measures beside it, and no longer."""

from tests.drivers.processes import ends_with_its_parent

_PARENT = """
import subprocess, sys, time
started = []
begin = subprocess.Popen.__init__
def noted(self, *arguments, **options):
    begin(self, *arguments, **options)
    started.append(self)
subprocess.Popen.__init__ = noted
from tests.bench.busy_cores import busy_cores
with busy_cores():
    print(started[0].pid, flush=True)
    time.sleep(60)
"""


def test_who_keeps_a_core_busy_ends_with_a_parent_that_is_killed() -> None:
    ends_with_its_parent(_PARENT)
