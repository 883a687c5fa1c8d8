"""How large type and distances are in a window of a given size."""

from dataclasses import replace
from typing import Protocol, runtime_checkable

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

from ui.style import current_tokens, style_sheet

_CUSTOMER = QSize(1280, 800)  # what assets/styles/tokens.toml and the pages are drawn for
_CLERK = QSize(1366, 768)
_STEP = 16  # sixteenths: a window that is dragged does not dress anew at every pixel
_MOST = 3.0
_FIXED = frozenset({"touch"})


@runtime_checkable
class Scaled(Protocol):
    """A part with sizes of its own, in pixels."""

    def rescale(self, factor: float) -> None:
        """Take on the sizes for `factor`, 1.0 being those of the design."""
        ...


def customer_factor(size: QSize, pixel_ratio: float) -> float:
    """Grows with the window; shrinks only where the desktop's own scaling keeps the type as large as designed."""
    return _stepped(max(_share(size, _CUSTOMER), min(1.0, 1.0 / pixel_ratio)))


def clerk_factor(size: QSize) -> float:
    """Grows with the window; never below the design, which a clerk reads at half an arm's length."""
    return _stepped(max(_share(size, _CLERK), 1.0))


def wear(window: QWidget, factor: float) -> None:
    """Dress `window` and all in it for `factor`: the style sheet, and every part that is `Scaled`."""
    tokens = current_tokens()
    sizes = {name: size if name in _FIXED else round(size * factor) for name, size in tokens.sizes.items()}
    sizes["customer_touch"] = max(sizes["customer_touch"], tokens.sizes["touch"])
    window.setStyleSheet("" if factor == 1.0 else style_sheet(replace(tokens, sizes=sizes)))
    rescale(window, factor)


def rescale(widget: QWidget, factor: float) -> None:
    """Tell `widget` and every part in it, for one that comes into a window that is dressed already."""
    for part in (widget, *widget.findChildren(QWidget)):
        if isinstance(part, Scaled):
            part.rescale(factor)


def _share(size: QSize, design: QSize) -> float:
    return min(size.width() / design.width(), size.height() / design.height())


def _stepped(factor: float) -> float:
    return min(max(int(factor * _STEP), 1) / _STEP, _MOST)
