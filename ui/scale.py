"""How large type and distances are in a window of a given size.

Sizes in the code and in assets/styles are those of the design, in pixels. `rescale` brings whatever stands in a window
to its factor: the distances of every layout, what `fix_size` fixed, and what a `Scaled` part does itself.
"""

from typing import ClassVar, Protocol, runtime_checkable

from PySide6.QtCore import QEvent, QSize
from PySide6.QtWidgets import QGridLayout, QLayout, QSpacerItem, QWidget
from shiboken6 import getCppPointer

from ui.style import Tokens, current_tokens, style_sheet

CLERKS_DESIGN = QSize(1366, 768)  # what the pages are drawn for
CUSTOMERS_DESIGN = QSize(1280, 800)
_STEP = 16  # sixteenths: a window that is dragged does not dress anew at every pixel
_MOST = 3.0
_DESIGN, _BLANKS, _FIXED = "design", "blanks", "fixed"  # properties


@runtime_checkable
class Scaled(Protocol):
    """A part with sizes of its own, in pixels."""

    def rescale(self, factor: float) -> None:
        """Take on the sizes for `factor`, 1.0 being those of the design."""
        ...


class FittedWindow(QWidget):
    """A window that dresses itself for its size, its screen's scale and the scheme, before its pages take their places.

    Attributes:
        design: the size that it is drawn for.
        factor: what it is dressed for; 0 before it has a size.
    """

    design: ClassVar[QSize]

    def __init__(self) -> None:
        super().__init__()
        self.factor = 0.0
        self._worn: tuple[float, float, Tokens] | None = None

    def event(self, event: QEvent) -> bool:
        kind = event.type()
        if kind in (QEvent.Type.Resize, QEvent.Type.DevicePixelRatioChange):
            self._dress(window_factor(self.size(), self.design, self.devicePixelRatio()))
        elif kind is QEvent.Type.StyleChange and self._worn is not None:  # between light and dark, or our own doing
            self._dress(self.factor)
        return super().event(event)

    def _dress(self, factor: float) -> None:
        worn = (factor, self.devicePixelRatio(), current_tokens())
        if worn != self._worn:
            self._worn, self.factor = worn, factor
            for part in self.dressed():
                wear(part, factor)

    def dressed(self) -> tuple[QWidget, ...]:
        """What wears the factor: all of the window."""
        return (self,)


def window_factor(size: QSize, design: QSize, pixel_ratio: float) -> float:
    """Grows with the window. Shrinks only where the desktop's own scaling leaves no room for the design.

    It never goes below `least_factor`: there type is as large as designed, in the screen's own pixels.
    """
    # A desktop of 1366 pixels at 150 % is 910.7 wide: one more than the whole pixels may be there.
    share = min((size.width() + 1) / design.width(), (size.height() + 1) / design.height())
    return min(max(int(share * _STEP) / _STEP, least_factor(pixel_ratio)), _MOST)


def least_factor(pixel_ratio: float) -> float:
    """At which a pixel of the design is a pixel of the screen; never above 1."""
    return min(1.0, 1.0 / pixel_ratio)


def wear(widget: QWidget, factor: float) -> None:
    """Dress `widget` and all in it for `factor`."""
    widget.setStyleSheet("" if factor == 1.0 else style_sheet(current_tokens(), factor))
    rescale(widget, factor)


def rescale(widget: QWidget, factor: float) -> None:
    """Bring `widget` and every part in it to `factor`; also one that comes into a window that is dressed already."""
    parts = (widget, *widget.findChildren(QWidget))
    for part in parts:
        if (layout := part.layout()) is not None:
            _rescale_layout(layout, factor)
        for setter, pixels in (part.property(_FIXED) or {}).items():
            getattr(part, setter)(round(pixels * factor))
    for part in parts:  # what it arranges itself is not undone
        if isinstance(part, Scaled):
            part.rescale(factor)


def fix_size(
    widget: QWidget, *, width: int | None = None, height: int | None = None, least_height: int | None = None
) -> None:
    """Fix these sides of `widget`, in pixels of the design, at whatever factor it will have."""
    sides = {"setFixedWidth": width, "setFixedHeight": height, "setMinimumHeight": least_height}
    fixed = {setter: pixels for setter, pixels in sides.items() if pixels is not None}
    widget.setProperty(_FIXED, fixed)
    for setter, pixels in fixed.items():
        getattr(widget, setter)(pixels)


def _rescale_layout(layout: QLayout, factor: float) -> None:
    """Margins, distances and blanks of `layout` and all in it: the design's are those it has when it is first seen."""
    items = [item for index in range(layout.count()) if (item := layout.itemAt(index)) is not None]
    for item in items:  # first: who has no distance of its own takes the outer one's
        if (inner := item.layout()) is not None:
            _rescale_layout(inner, factor)
    blanks = [blank for item in items if (blank := item.spacerItem()) is not None]
    design = layout.property(_DESIGN)
    if design is None:
        margins = layout.contentsMargins()
        design = {
            "margins": [margins.left(), margins.top(), margins.right(), margins.bottom()],
            "spacing": _spacing(layout),
        }
        layout.setProperty(_DESIGN, design)
    layout.setContentsMargins(*(round(side * factor) for side in design["margins"]))
    if isinstance(layout, QGridLayout):
        layout.setHorizontalSpacing(round(design["spacing"][0] * factor))
        layout.setVerticalSpacing(round(design["spacing"][1] * factor))
    else:
        layout.setSpacing(round(design["spacing"][0] * factor))
    known = layout.property(_BLANKS) or {}
    sizes = {}  # of the blanks that are there now; one that came later has its design's size still
    for blank in blanks:
        address = str(getCppPointer(blank)[0])  # Python's own object is another one each time
        sizes[address] = known.get(address) or [blank.sizeHint().width(), blank.sizeHint().height()]
        _resize_blank(blank, *(round(side * factor) for side in sizes[address]))
    layout.setProperty(_BLANKS, sizes)


def _spacing(layout: QLayout) -> list[int]:
    """Across and down."""
    if isinstance(layout, QGridLayout):
        return [layout.horizontalSpacing(), layout.verticalSpacing()]
    return [max(layout.spacing(), 0)] * 2


def _resize_blank(blank: QSpacerItem, width: int, height: int) -> None:
    policy = blank.sizePolicy()
    blank.changeSize(width, height, policy.horizontalPolicy(), policy.verticalPolicy())
