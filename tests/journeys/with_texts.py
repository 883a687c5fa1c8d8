"""`python -m tests.journeys.with_texts FOLDER ARGUMENT...`: hallclient, with the texts of a folder, not its own."""

import sys
from pathlib import Path

from hallclient import rule_texts
from hallclient.cli import main

rule_texts.TEXTS = Path(sys.argv.pop(1))
main()
