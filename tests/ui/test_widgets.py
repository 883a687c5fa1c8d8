"""The shared parts."""

import itertools
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QInputDevice,
    QMouseEvent,
    QPointingDevice,
    QPointingDeviceUniqueId,
    QTabletEvent,
    QTextLayout,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from hallclient.devices import Frame
from hallclient.domain.comparison import Decision
from hallclient.domain.failures import FAILURES, FailureCode, KnownError
from hallclient.domain.signature import is_too_little_ink
from tests.ui import doubles
from tests.ui.doubles import Step
from tests.ui.recording import recorded_video
from ui import fonts, style
from ui.pictures import to_qimage
from ui.widgets.camera_view import CameraView
from ui.widgets.failure_banner import FailureBanner
from ui.widgets.key_button import KeyButton, action
from ui.widgets.level_bars import LevelBars
from ui.widgets.score_band import ScoreBand
from ui.widgets.signature_pad import SignaturePad
from ui.widgets.step_list import StepList
from ui.widgets.text import Text
from ui.widgets.video_player import VideoPlayer

STEPS = doubles.plan_of("new_number").steps


@pytest.fixture
def pad(qtbot) -> SignaturePad:
    made = SignaturePad()
    qtbot.addWidget(made)
    made.resize(600, 200)
    made.show()
    return made


def pen(qapp: QApplication, *, eraser: bool = False) -> QPointingDevice:
    capabilities = QInputDevice.Capability.Position | QInputDevice.Capability.Pressure
    return QPointingDevice(
        "pen",
        7,
        QInputDevice.DeviceType.Stylus,
        QPointingDevice.PointerType.Eraser if eraser else QPointingDevice.PointerType.Pen,
        capabilities,
        1,
        2,
        "",
        QPointingDeviceUniqueId(),
        qapp,
    )


def tablet(
    pad: SignaturePad,
    device: QPointingDevice,
    kind: QEvent.Type,
    x: float,
    y: float,
    force: float,
    ms: int,
    button: Qt.MouseButton = Qt.MouseButton.LeftButton,
    *,
    held: bool = True,
):
    place, none = QPointF(x, y), Qt.MouseButton.NoButton
    event = QTabletEvent(
        kind,
        device,
        place,
        pad.mapToGlobal(place),
        force,
        0,
        0,
        0,
        0,
        0,
        Qt.KeyboardModifier.NoModifier,
        none if kind is QEvent.Type.TabletMove else button,
        none if kind is QEvent.Type.TabletRelease or not held else button,
    )
    event.setTimestamp(ms)
    QApplication.sendEvent(pad, event)
    assert event.isAccepted()


def test_pen_gives_pressure_time_and_sub_pixels(pad, qapp) -> None:
    device = pen(qapp)
    tablet(pad, device, QEvent.Type.TabletPress, 60.25, 50.0, 0.3, 100_000)
    tablet(pad, device, QEvent.Type.TabletMove, 120.5, 80.75, 0.8, 100_008)
    tablet(pad, device, QEvent.Type.TabletRelease, 121.0, 81.0, 0.0, 100_016)
    (stroke,) = pad.strokes
    assert pad.device == "pen"
    assert [point.time_s for point in stroke] == pytest.approx([0.0, 0.008, 0.016])
    assert [point.pressure for point in stroke] == pytest.approx([0.3, 0.8, 0.8], abs=1e-3)
    assert stroke[0].x == pytest.approx(60.25 / 600)
    assert stroke[1].y == pytest.approx(80.75 / 200)


def test_mouse_signs_without_pressure_and_stays_in_the_field(pad) -> None:
    QTest.mousePress(pad, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(10, 10))
    QTest.mouseMove(pad, QPoint(300, 100))
    QTest.mouseMove(pad, QPoint(900, 100))
    QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(900, 100))
    (stroke,) = pad.strokes
    assert pad.device == "mouse"
    assert all(point.pressure is None for point in stroke)
    assert max(point.x for point in stroke) == 0.5  # beside the field nothing is written
    times = [point.time_s for point in stroke]
    assert times == sorted(times)
    assert times[0] == 0.0


def test_finger_is_a_touch(pad) -> None:
    device = QTest.createTouchDevice()
    QTest.touchEvent(pad, device).press(0, QPoint(20, 20), pad).commit()
    QTest.touchEvent(pad, device).move(0, QPoint(60, 40), pad).commit()
    QTest.touchEvent(pad, device).release(0, QPoint(60, 40), pad).commit()
    assert pad.device == "touch"
    assert pad.point_count >= 2


def drag(pad: SignaturePad, left: int = 50, top: int = 100, button: Qt.MouseButton = Qt.MouseButton.LeftButton) -> None:
    """A stroke of 10 points by the mouse."""
    none = Qt.KeyboardModifier.NoModifier
    QTest.mousePress(pad, button, none, QPoint(left, top))
    for step in range(1, 9):
        QTest.mouseMove(pad, QPoint(left + 10 * step, top))
    QTest.mouseRelease(pad, button, none, QPoint(left + 90, top))


def write(pad: SignaturePad, device: QPointingDevice, left: float = 60.0, ms: int = 5, *, lift: bool = True) -> None:
    """A stroke of 10 points by the pen."""
    tablet(pad, device, QEvent.Type.TabletPress, left, 50.0, 0.3, ms)
    for step in range(1, 9):
        tablet(pad, device, QEvent.Type.TabletMove, left + 10 * step, 50.0, 0.3, ms + 8 * step)
    if lift:
        tablet(pad, device, QEvent.Type.TabletRelease, left + 90, 50.0, 0.0, ms + 80)


def palm(pad: SignaturePad) -> None:
    device = QTest.createTouchDevice()
    QTest.touchEvent(pad, device).press(0, QPoint(220, 140), pad).commit()
    QTest.touchEvent(pad, device).move(0, QPoint(260, 150), pad).commit()
    QTest.touchEvent(pad, device).release(0, QPoint(260, 150), pad).commit()


CLUMSY = {
    "palm": lambda pad, device: palm(pad),
    "click": lambda pad, device: QTest.mouseClick(pad, Qt.MouseButton.LeftButton, pos=QPoint(300, 100)),
    "drag": lambda pad, device: drag(pad),
    "right button": lambda pad, device: drag(pad, button=Qt.MouseButton.RightButton),
    "barrel button": lambda pad, device: tablet(
        pad, device, QEvent.Type.TabletPress, 300.0, 50.0, 0.0, 900, Qt.MouseButton.RightButton
    ),
    "eraser": lambda pad, device: write(pad, pen(QApplication.instance(), eraser=True), 300.0, 900),
    "nothing": lambda pad, device: None,
}


@pytest.mark.parametrize("clumsy", CLUMSY)
@pytest.mark.parametrize("lift", [True, False], ids=["between strokes", "inside a stroke"])
def test_after_a_pen_only_the_pen_writes_and_nothing_wipes(pad, qapp, clumsy, lift) -> None:
    device = pen(qapp)
    write(pad, device, lift=lift)
    before = pad.strokes
    CLUMSY[clumsy](pad, device)
    assert pad.strokes == before
    assert pad.device == "pen"
    write(pad, device, 300.0, 2_000)
    assert [len(stroke) for stroke in pad.strokes] == [10 if lift else 9, 10]


@pytest.mark.parametrize("first", ["mouse", "touch"])
def test_what_one_hand_wrote_another_does_not_wipe(pad, first) -> None:
    (drag if first == "mouse" else palm)(pad)
    before = pad.strokes
    (palm if first == "mouse" else drag)(pad)
    assert (pad.device, pad.strokes) == (first, before)


def test_the_hand_that_lay_down_before_its_pen_leaves_no_ink(pad, qapp) -> None:
    palm(pad)
    write(pad, pen(qapp))
    assert pad.device == "pen"
    assert [len(stroke) for stroke in pad.strokes] == [10]
    pad.clear()
    assert (pad.device, pad.strokes) == ("", ())


@pytest.mark.parametrize("hand", ["mouse", "touch"])
@pytest.mark.parametrize("lift", [True, False], ids=["lifted", "its release lost"])
def test_what_a_hand_has_signed_no_pen_wipes(pad, qapp, hand, lift) -> None:
    for top in (40, 80):
        _sign_by(pad, hand, top, lift=lift or top == 40)
    before = pad.strokes
    assert not is_too_little_ink(before)
    device = pen(qapp)
    tablet(pad, device, QEvent.Type.TabletPress, 300.0, 100.0, 0.3, 900)  # a tap
    tablet(pad, device, QEvent.Type.TabletRelease, 300.0, 100.0, 0.0, 908)
    write(pad, device, 300.0, 1_000)
    assert (pad.device, pad.strokes) == (hand, before)
    pad.clear()
    write(pad, device, 300.0, 2_000)
    assert (pad.device, len(pad.strokes)) == ("pen", 1)


def _sign_by(pad: SignaturePad, hand: str, top: int, *, lift: bool) -> None:
    name = "finger" if hand == "touch" else "mouse"
    _mouse(pad, name, "press", QPointF(50, top))
    for step in range(1, 9):
        _mouse(pad, name, "move", QPointF(50 + 20 * step, top + 5 * (step % 3)))
    if lift:
        _mouse(pad, name, "release", QPointF(230, top))


def test_a_press_inside_a_stroke_continues_it(pad, qapp) -> None:
    device = pen(qapp)
    write(pad, device, lift=False)
    tablet(pad, device, QEvent.Type.TabletPress, 145.0, 52.0, 0.3, 90)
    tablet(pad, device, QEvent.Type.TabletMove, 160.0, 52.0, 0.3, 98)
    tablet(pad, device, QEvent.Type.TabletRelease, 160.0, 52.0, 0.3, 106)
    assert [len(stroke) for stroke in pad.strokes] == [12]


def test_a_press_after_a_lost_release_begins_the_next_stroke(pad, qapp) -> None:
    device = pen(qapp)
    write(pad, device, lift=False)
    write(pad, device, 400.0, 1_000)
    assert [len(stroke) for stroke in pad.strokes] == [9, 10]


def test_two_quick_strokes_are_two(pad) -> None:
    QTest.mouseClick(pad, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    QTest.mouseDClick(pad, Qt.MouseButton.LeftButton, pos=QPoint(102, 100))
    assert len(pad.strokes) >= 2


def test_no_line_leads_across_the_outside(pad, qapp) -> None:
    device = pen(qapp)
    tablet(pad, device, QEvent.Type.TabletPress, 500.0, 50.0, 0.3, 10)
    tablet(pad, device, QEvent.Type.TabletMove, 590.0, 50.0, 0.3, 20)
    tablet(pad, device, QEvent.Type.TabletMove, 650.0, 50.0, 0.3, 30)
    tablet(pad, device, QEvent.Type.TabletMove, 590.0, 150.0, 0.3, 40)
    tablet(pad, device, QEvent.Type.TabletRelease, 500.0, 150.0, 0.3, 50)
    assert [[point.x for point in stroke] for stroke in pad.strokes] == [
        pytest.approx([500 / 600, 590 / 600]),
        pytest.approx([590 / 600, 500 / 600]),
    ]


_moment = st.tuples(
    st.sampled_from(["pen", "finger", "mouse", "right"]),
    st.sampled_from(["press", "move", "release"]),
    st.integers(-20, 620),
    st.integers(-20, 220),
)


@given(st.lists(_moment, max_size=40))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_comes_ink_only_grows_and_lies_in_the_field(pad, qapp, moments) -> None:
    """From the first touch of the pen on, or once it is a signature: what was written stays, whatever hand comes."""
    pad.clear()
    device, before, stays, ms = pen(qapp), (), False, 10
    for hand, what, x, y in moments:
        ms += 8
        if hand == "pen":
            kind = {"press": "TabletPress", "move": "TabletMove", "release": "TabletRelease"}[what]
            tablet(pad, device, QEvent.Type[kind], x, y, 0.4, ms, held=what != "release")
        else:
            _mouse(pad, hand, what, QPointF(x, y))
        now = [point for stroke in pad.strokes for point in stroke]
        if stays:
            assert tuple(now[: len(before)]) == before
        before, stays = tuple(now), pad.device == "pen" or not is_too_little_ink(pad.strokes)
        assert all(point.is_inside for point in now)


def _mouse(pad: SignaturePad, hand: str, what: str, place: QPointF) -> None:
    kind = {"press": "MouseButtonPress", "move": "MouseMove", "release": "MouseButtonRelease"}[what]
    button = Qt.MouseButton.RightButton if hand == "right" else Qt.MouseButton.LeftButton
    none = Qt.MouseButton.NoButton
    event = QMouseEvent(
        QEvent.Type[kind],
        place,
        pad.mapToGlobal(place),
        none if what == "move" else button,
        none if what == "release" else button,
        Qt.KeyboardModifier.NoModifier,
        QTest.createTouchDevice() if hand == "finger" else QPointingDevice.primaryPointingDevice(),
    )
    QApplication.sendEvent(pad, event)


def test_banner_says_the_remedy_first_and_retries_by_key(qtbot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    banner = FailureBanner(window)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    banner.show_error(KnownError(FailureCode.CAMERA_MISSING, "/dev/video0"))
    failure = FAILURES[FailureCode.CAMERA_MISSING]
    assert banner.remedy.text() == failure.remedy
    assert failure.cause in banner.cause.text()
    assert "camera_missing" in banner.cause.text()
    assert "编号" not in banner.cause.text()
    with qtbot.waitSignal(banner.retry):
        QTest.keyClick(window, Qt.Key.Key_F5)
    banner.show_error(KnownError(FailureCode.LOGIN_WRONG), retriable=False)
    assert not banner.button.isVisible()
    banner.show_error(KnownError(FailureCode.CAMERA_STOPPED, number="7K2M9Q"))
    assert "编号 7K2M9Q" in banner.cause.text()


def test_key_button_follows_its_action(qtbot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    done = action(window, "继续", Qt.Key.Key_Return)
    button = KeyButton(done, "first", window)
    assert button.text() == "继续  Enter"
    done.setEnabled(False)
    assert not button.isEnabled()
    done.setEnabled(True)
    with qtbot.waitSignal(done.triggered):
        button.click()


@pytest.mark.parametrize("score", [-0.4, 0.0, 0.38, 1.0])
def test_score_band_paints_every_score(qtbot, score) -> None:
    band = ScoreBand()
    qtbot.addWidget(band)
    empty = band.grab().toImage()
    band.show_comparison(doubles.comparison(doubles.THRESHOLDS.decide(score), score))
    assert band.grab().toImage() != empty
    band.show_comparison(doubles.comparison(Decision.NO_FACE, None))
    band.grab()


def test_camera_view_shows_the_frame_and_whether_it_is_good(qtbot) -> None:
    view = CameraView(guided=True)
    qtbot.addWidget(view)
    view.resize(320, 240)
    view.show_frame(Frame(0.0, doubles.picture()))
    assert view.shows_image
    looks = [view.grab().toImage()]
    for tone in ("good", "look"):
        view.guide(tone)
        looks.append(view.grab().toImage())
    view.tell_origin(doubles.UNKNOWN_CAMERA)
    looks.append(view.grab().toImage())
    assert all(one != other for one, other in itertools.combinations(looks, 2))
    view.tell_origin(doubles.WEBCAM)
    assert view.grab().toImage() == looks[-2]


def test_a_picture_keeps_its_colours() -> None:
    image = doubles.picture()
    blue, green, red = (int(value) for value in image[5, 7])
    colour = to_qimage(image).pixelColor(7, 5)
    assert (colour.red(), colour.green(), colour.blue()) == (red, green, blue)


def test_levels_are_kept_in_their_range(qtbot) -> None:
    bars = LevelBars()
    qtbot.addWidget(bars)
    for level in (-1.0, 0.5, 7.0):
        bars.add(level)
    assert list(bars.levels)[-3:] == [0.0, 0.5, 1.0]
    bars.grab()


def test_step_list_keeps_its_height(qtbot) -> None:
    steps = StepList(STEPS)
    qtbot.addWidget(steps)
    before = steps.sizeHint()
    steps.now(Step.CARD)
    steps.done(Step.CARD, "居民身份证 · 2.1 秒")
    steps.stopped(Step.PRECHECK, "不予办理")
    assert steps.sizeHint() == before
    assert steps.is_done(Step.CARD)


@pytest.mark.parametrize(
    "found", ["录像 15 秒 · 32 秒", "一致 0.61 · 1 分 23 秒", "241 点 · 压感笔 · 12 秒", "无异常 · 2.1 秒"]
)
@pytest.mark.parametrize("width", range(110, 213, 6))
def test_a_line_of_the_step_list_never_ends_between_a_figure_and_its_unit(qtbot, found, width) -> None:
    steps = StepList(tuple(step for step in STEPS if step.id == Step.NOTICE))
    qtbot.addWidget(steps)
    steps.resize(width, 200)
    steps.done(Step.NOTICE, found)
    row = steps.rows[Step.NOTICE]
    room = width - 60  # less the mark and the margins
    lines = broken(row.found, room)
    for line, following in itertools.pairwise(lines):
        assert following.startswith("·") or not line.endswith(("·", *"0123456789"))
    assert "".join(lines).replace("\u00a0", " ").replace(" ", "") == found.replace(" ", "")
    assert found in row.accessibleName()


def broken(label: Text, width: int) -> list[str]:
    layout = QTextLayout(label.text(), label.font())
    layout.beginLayout()
    lines = []
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        lines.append(label.text()[line.textStart() : line.textStart() + line.textLength()].rstrip(" "))
    layout.endLayout()
    return lines


@pytest.mark.parametrize(("look", "state"), [(False, "done"), (True, "look")])
def test_what_somebody_has_to_look_at_is_done_with_a_mark_of_its_own(qtbot, look, state) -> None:
    steps = StepList(tuple(step for step in STEPS if step.id == Step.PORTRAIT))
    qtbot.addWidget(steps)
    steps.done(Step.PORTRAIT, "一致 0.61", look=look)
    assert steps.is_done(Step.PORTRAIT)
    badge = steps.rows[Step.PORTRAIT].badge
    assert badge.state == state
    edge = badge.grab().toImage().pixelColor(badge.width() // 2, 4)
    assert edge == style.current_tokens().colour("look" if look else "good")


def test_the_recording_plays_from_memory_and_is_let_go(qtbot) -> None:
    player = VideoPlayer("没有录像")
    qtbot.addWidget(player)
    player.resize(400, 340)
    source = recorded_video(seconds=0.6).getvalue()
    player.load(source, (0.0, 0.3), 0.6)
    qtbot.waitUntil(lambda: player.picture.shows_image)
    player.toggle()
    qtbot.waitUntil(lambda: player.player.position() > 0)
    player.grab()
    player.unload()
    assert not player.picture.shows_image


def test_a_broken_recording_is_told(qtbot) -> None:
    player = VideoPlayer("没有录像")
    qtbot.addWidget(player)
    with qtbot.waitSignal(player.broken):
        player.load(b"not a recording" * 100, (), 1.0)
    player.unload()


def test_both_schemes_have_the_same_colours_and_the_bundled_font_loads(qapp) -> None:
    light, dark = (style.load_tokens(dark, "any") for dark in (False, True))
    assert set(light.colours) == set(dark.colours)
    assert "${" not in style.style_sheet(dark)
    assert "Noto Sans SC" in fonts.load_bundled("pylopdf_fonts_zh_cn", "NotoSansSC-Regular.otf")
    assert json.dumps(light.sizes)
