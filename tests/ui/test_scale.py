"""Type and distances by the size of a window and the scale of its screen."""

import gc
import itertools
import re

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QSize
from PySide6.QtGui import QImage, QRegion
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpacerItem,
    QVBoxLayout,
    QWidget,
    QWidgetItem,
)

from tests.ui import doubles
from tests.ui.doubles import Step
from tests.ui.pages import Counter, login_window
from ui.clerk.unfinished import UnfinishedList
from ui.scale import CLERKS_DESIGN, CUSTOMERS_DESIGN, blank, fix_size, rescale, wear, window_factor
from ui.style import apply_style, current_tokens, load_tokens, style_sheet
from ui.widgets.drawing import Drawing
from ui.widgets.row_button import RowButton
from ui.widgets.signature_pad import SignaturePad

RATIOS = [1.0, 1.25, 1.5, 1.75, 2.0, 2.25, 2.5, 3.0, 4.0]


@pytest.mark.parametrize(
    ("size", "pixel_ratio", "clerks", "customers"),
    [
        ((1366, 768), 1.0, 1.0, 1.0),
        ((1280, 800), 1.0, 1.0, 1.0),
        ((1024, 768), 1.0, 1.0, 1.0),  # never smaller than designed where a pixel is a pixel
        ((683, 384), 1.0, 1.0, 1.0),
        ((683, 384), 2.0, 0.5, 0.5),  # as large as designed, in the screen's own pixels
        ((512, 384), 2.0, 0.5, 0.5),
        ((911, 512), 1.5, 2 / 3, 2 / 3),
        ((1280, 720), 1.5, 0.9375, 0.875),  # no smaller than it must be
        ((1920, 1080), 1.0, 1.375, 1.3125),
        ((1920, 1080), 2.0, 1.375, 1.3125),
        ((2560, 1600), 1.0, 1.8125, 2.0),
        ((3840, 2160), 1.0, 2.75, 2.6875),
        ((7680, 4320), 1.0, 3.0, 3.0),
    ],
)
def test_the_type_follows_the_window(size, pixel_ratio, clerks, customers) -> None:
    assert window_factor(QSize(*size), CLERKS_DESIGN, pixel_ratio) == pytest.approx(clerks)
    assert window_factor(QSize(*size), CUSTOMERS_DESIGN, pixel_ratio) == pytest.approx(customers)


@pytest.mark.parametrize("ratio", RATIOS)
def test_a_touch_target_keeps_44_pixels_of_the_screen(qapp, qtbot, ratio) -> None:
    for part, least in ((QPushButton("x"), 44), (QLineEdit(), 44)):
        qtbot.addWidget(part)
        wear(part, 1.0 / ratio)
        part.ensurePolished()
        assert part.sizeHint().height() * ratio >= least


@pytest.mark.parametrize("factor", [step / 16 for step in range(4, 49)] + [1 / ratio for ratio in RATIOS])
def test_a_pill_stays_round(qapp, factor) -> None:
    """Qt draws square corners where two radii are higher than their side."""
    sheet = style_sheet(current_tokens(), factor)
    pill = sheet[sheet.index("QLabel[pill] {") :].split("}")[0]
    radius, height = (int(re.search(rf"{name}: (\d+)px", pill)[1]) for name in ("border-radius", "min-height"))
    assert 0 < 2 * radius <= height


def test_whatever_has_a_size_follows_and_comes_back(qapp, qtbot) -> None:
    window, inner = QWidget(), QWidget()
    qtbot.addWidget(window)
    column, row, grid = QVBoxLayout(window), QHBoxLayout(), QGridLayout(inner)
    column.setContentsMargins(4, 8, 16, 32)
    column.setSpacing(24)
    column.addLayout(row)  # without a distance of its own
    column.addWidget(room := blank(12))
    column.addWidget(inner)
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(8)
    fix_size(inner, width=100, height=50)

    def sizes() -> tuple[object, ...]:
        margins = column.contentsMargins()
        return (
            (margins.left(), margins.top(), margins.right(), margins.bottom()),
            (column.spacing(), row.spacing(), grid.horizontalSpacing(), grid.verticalSpacing(), room.maximumHeight()),
            (inner.minimumWidth(), inner.maximumWidth(), inner.minimumHeight(), inner.maximumHeight()),
        )

    design = (4, 8, 16, 32), (24, 24, 16, 8, 12), (100, 100, 50, 50)
    assert sizes() == design
    for factor in (0.5, 2.0, 0.25, 1.0):
        rescale(window, factor)
        assert sizes() == tuple(tuple(round(pixels * factor) for pixels in group) for group in design)


def test_a_row_that_comes_later_has_the_size_of_the_others(qapp, qtbot) -> None:
    unfinished = UnfinishedList(doubles.FixedClock().now)
    qtbot.addWidget(unfinished)
    session = doubles.kept("s", "card_replacement", "139****1234", Step.PORTRAIT)
    unfinished.show_sessions([session])
    wear(unfinished, 0.5)
    worn = _margins(unfinished)
    unfinished.show_sessions([session])
    assert _margins(unfinished) == worn == 6


def _margins(unfinished: UnfinishedList) -> int:
    return unfinished.findChildren(RowButton)[-1].parentWidget().layout().contentsMargins().left()


def test_a_screen_of_another_scale_dresses_the_window_anew(qapp, qtbot) -> None:
    """Pulled to another screen, or the desktop's scale was changed: the window may keep its size."""
    window = login_window(QSize(320, 340), 1.0)
    qtbot.addWidget(window)
    assert window.factor == 1.0
    window.devicePixelRatio = lambda: 2.0
    QCoreApplication.sendEvent(window, QEvent(QEvent.Type.DevicePixelRatioChange))
    assert window.factor == 0.5


def test_on_one_screen_each_side_has_its_own_factor(qapp, qtbot) -> None:
    counter = Counter(QSize(1920, 1080), shared=True)
    try:
        clerk, customer = counter.clerk, counter.customer
        customer.grab()  # as the small picture does: so far it was never in front, and had no size
        assert (clerk.factor, customer.factor) == (1.375, 1.25)
        assert clerk.top.height() == round(52 * 1.375)
        assert customer._contents.layout().contentsMargins().left() == round(48 * 1.25)
        assert customer.styleSheet()
        assert not clerk.styleSheet()  # it would dress the customer's side
    finally:
        counter.close()


def test_nothing_of_python_stays_of_a_layout_whose_parts_are_gone(qapp, qtbot) -> None:
    """Seen: a window's `event` was handed a layout's item, for an event that came to lie where that had been."""
    window, part = QWidget(), QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    column.addWidget(part)
    rescale(window, 2.0)
    part.deleteLater()
    QCoreApplication.sendPostedEvents(part, QEvent.Type.DeferredDelete)
    assert column.isEmpty()
    assert not [item for item in gc.get_objects() if isinstance(item, QWidgetItem | QSpacerItem)]


@pytest.mark.parametrize("factor", [1.0, 1.375])
def test_a_change_of_scheme_reaches_a_window_of_any_size(qapp, qtbot, factor) -> None:
    counter = Counter(CLERKS_DESIGN * factor, shared=False)
    family = current_tokens().family
    try:
        label, button = counter.clerk.findChildren(QLabel)[0], next(iter(counter.clerk.start._buttons.values()))
        for dark in (True, False):
            apply_style(qapp, family, dark)
            tokens = current_tokens()
            label.ensurePolished()
            assert counter.clerk.factor == factor
            assert label.palette().color(label.foregroundRole()).name() in {
                colour.lower() for colour in load_tokens(dark, family).colours.values()
            }
            assert colours(button.icon().pixmap(button.iconSize()).toImage()) == {tokens.colour("accent").rgb()}
    finally:
        apply_style(qapp, family, dark=False)
        counter.close()


def test_a_drawing_wears_todays_colour_and_is_sharp_on_the_screen_that_it_is_on(qapp, qtbot) -> None:
    drawing = Drawing(QSize(48, 48), "hall")
    qtbot.addWidget(drawing)
    drawing.resize(drawing.sizeHint())
    family = current_tokens().family
    try:
        for dark in (True, False):
            apply_style(qapp, family, dark)
            assert current_tokens().colour("accent").rgb() in colours(painted(drawing, 1.0))
    finally:
        apply_style(qapp, family, dark=False)
    twice = Drawing(QSize(96, 96), "hall")
    qtbot.addWidget(twice)
    twice.resize(twice.sizeHint())
    assert painted(drawing, 2.0) == painted(twice, 1.0)


def test_where_to_sign_is_written_at_the_same_place_at_any_factor(qapp, qtbot) -> None:
    heights = []
    for factor in (1, 3):
        pad = SignaturePad()
        qtbot.addWidget(pad)
        rescale(pad, factor)
        pad.resize(QSize(540, 216) * factor)
        image = painted(pad, 3.0 / factor)
        line = round((pad.field.top() + pad.field.height() * 0.8) * image.height() / pad.height())
        rows = [y for y in range(line, image.height()) if _is_written_in(image, y)]
        heights.append((rows[0] + rows[-1]) / 2)
    assert heights[0] == pytest.approx(heights[1], abs=2)


def _is_written_in(image: QImage, row: int) -> bool:
    """Far from the field's border: something else than what lies in the row's middle left."""
    left, right = image.width() // 4, image.width() * 3 // 4
    return len({image.pixel(x, row) for x in range(left, right)}) > 1


def painted(widget: QWidget, ratio: float) -> QImage:
    """The widget alone as a screen of this pixel ratio shows it."""
    image = QImage(widget.size() * ratio, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    image.setDevicePixelRatio(ratio)
    widget.render(image, QPoint(), QRegion(), QWidget.RenderFlag.DrawChildren)
    image.setDevicePixelRatio(1.0)
    return image


def colours(image: QImage) -> set[int]:
    """Those that are not mixed with what is behind them."""
    straight = image.convertToFormat(QImage.Format.Format_ARGB32)
    points = itertools.product(range(straight.width()), range(straight.height()))
    return {pixel for x, y in points if (pixel := straight.pixel(x, y)) >> 24 == 255}
