"""`@pytest.mark.attack("T9", "a GNU sparse member")`: which line of the findings a test attacks, and with what.

A test may have several. A test with parameters is an attack for each. `answer` says what the test asserts where that
has no code. In `make test` the mark changes nothing; with this plugin (`python -m tests.attacks`) each attack's report
carries what answered to the process that counts.
"""

from collections.abc import Iterator

import pytest

from tests.attacks.answers import PROPERTY, watched

_MOST_CHARACTERS = 60  # of a parameter's name


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    marks = list(item.iter_markers("attack"))
    if not marks:
        return (yield)
    with watched() as answers:
        try:
            return (yield)
        finally:
            case = f" [{item.name.partition('[')[2][:_MOST_CHARACTERS]}" if "[" in item.name else ""
            named = [answer for mark in marks if (answer := mark.kwargs.get("answer"))]
            for mark in marks:
                line, tried = mark.args
                item.user_properties.append((PROPERTY, (line, f"{tried}{case}", named or answers())))
