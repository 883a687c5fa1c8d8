"""How large type and distances are in a window of a given size.

Sizes in the code and in assets/styles are those of the design, in pixels. `rescale` brings whatever stands in a window
to its factor: the distances of every layout, what `fix_size` fixed, and what a `Scaled` part does itself.
"""

from typing import ClassVar, Protocol, runtime_checkable

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QGridLayout, QLayout, QWidget

from ui.style import Tokens, current_tokens, style_sheet

CLERKS_DESIGN = QSize(1366, 768)  # what the pages are drawn for
CUSTOMERS_DESIGN = QSize(1280, 800)
_STEP = 16  # sixteenths: a window that is dragged does not dress anew at every pixel
_MOST = 3.0
_DESIGN, _FIXED = "design", "fixed"  # properties


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


def blank(height: int) -> QWidget:
    """Room in a column, `height` pixels of the design.

    A widget, because Qt's own spacing is reached by `QLayout.itemAt` alone: PySide keeps the object that it makes of an
    item when the item is gone, and hands it out for whatever comes to lie at the same address, such as an event.
    """
    room = QWidget()
    fix_size(room, height=height)
    return room


def _rescale_layout(layout: QLayout, factor: float) -> None:
    """Margins and distances of `layout` and all in it: the design's are those it has when it is first seen."""
    for inner in layout.findChildren(QLayout, options=Qt.FindChildOption.FindDirectChildrenOnly):
        _rescale_layout(inner, factor)  # first: who has no distance of its own takes the outer one's
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


def _spacing(layout: QLayout) -> list[int]:
    """Across and down."""
    if isinstance(layout, QGridLayout):
        return [layout.horizontalSpacing(), layout.verticalSpacing()]
    return [max(layout.spacing(), 0)] * 2
