"""Keeps None, True and False alive under PySide6 6.12 on Python 3.11.

That PySide6 counts on Python 3.12's immortal objects (PEP 683): each void call gives away one reference to None that
it never took, each `emit` one to True. On 3.11 the interpreter aborts when the count reaches zero, after minutes.
"""

import ctypes
import sys

_MORE_THAN_EVER_LOST = 1 << 60


def make_constants_immortal() -> None:
    """Give the three constants references that nobody can use up; Python 3.12 and later need nothing."""
    if sys.version_info >= (3, 12):
        return
    for constant in (None, True, False):
        count = ctypes.c_ssize_t.from_address(id(constant))  # ob_refcnt is a CPython object's first field
        if count.value < _MORE_THAN_EVER_LOST // 2:
            count.value += _MORE_THAN_EVER_LOST
