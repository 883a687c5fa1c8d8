"""The pictures of the movements beside the two portraits, and all of them seen larger."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAccessible, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from hallclient.domain.evidence.facts.liveness_attempts import LivenessFacts
from hallclient.domain.liveness import Challenge, Refusal
from hallclient.domain.staff import Role, Staff
from tests.acted import acted
from tests.attempts import LIVE
from tests.ui import doubles, review_doubles
from tests.ui.pages import in_sight
from ui import wording
from ui.supervisor.window import ReviewWindow
from ui.widgets.picture_button import PictureButton

BLINK, OPEN_MOUTH, LEFT, RIGHT, NOD = Challenge
# As many as there can be: three checks that count, each stopped in its last movement or after it.
MOST = LivenessFacts(
    attempts=(
        LIVE.changed(challenges=(NOD, BLINK), done=1, refusal=Refusal.TOO_SLOW, likeness=None),
        LIVE.changed(challenges=(RIGHT, OPEN_MOUTH), done=1, refusal=Refusal.WRONG_MOVEMENT, likeness=None),
        LIVE.changed(challenges=(NOD, LEFT), done=0, refusal=Refusal.STOPPED_BY_CLERK, likeness=None),
        LIVE.changed(challenges=(LEFT, NOD), refusal=Refusal.OTHER_PERSON, likeness=0.1),
    )
)
SIZES = [(1024, 768), (1366, 768), (1920, 1080)]


@pytest.fixture
def desk() -> review_doubles.ReviewDesk:
    return review_doubles.ReviewDesk(
        [
            review_doubles.review_case("a", draw=acted),
            review_doubles.review_case("b", liveness=MOST, draw=acted),
            replace(review_doubles.review_case("c"), key_pictures=(), live_photo=None, portrait=None),
        ]
    )


@pytest.fixture
def window(qtbot, desk):
    made = ReviewWindow(desk, doubles.Dispatch(), Staff("2001", Role.SUPERVISOR), doubles.FixedClock())
    made.resize(1366, 768)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(lambda: made.case is not None)
    yield made
    with qtbot.waitSignal(made.closed):
        made.close()


def open_case(qtbot, window: ReviewWindow, session: str) -> None:
    while window.case is None or window.case.item.session_id != session:
        before = window.case
        key(window, Qt.Key.Key_Down)
        qtbot.waitUntil(lambda before=before: window.case is not None and window.case is not before)


def key(window: ReviewWindow, pressed: Qt.Key) -> None:
    """As the system does it: first offered to the shortcuts, unless who has the focus takes it as its own."""
    QTest.keyClick(window.focusWidget() or window, pressed)


def captions(window: ReviewWindow) -> list[str]:
    return [caption.text() for caption in window.evidence.movements.captions]


def test_each_movement_has_a_picture_with_its_name_in_order(qtbot, window) -> None:
    assert captions(window) == ["点头", "眨眼"]
    open_case(qtbot, window, "b")
    assert captions(window) == ["1 点头", "! 1 眨眼", "2 向右转头", "! 2 张嘴", "4 向左转头", "4 点头"]
    names = [button.accessibleName() for button in window.evidence.movements.buttons]
    assert names[:2] == ["第 1 次活体检测：点头", "第 1 次活体检测：眨眼，没有做到"]
    assert [button.toolTip() for button in window.evidence.movements.buttons] == names
    open_case(qtbot, window, "c")
    assert captions(window) == []
    assert not window.evidence.movements.isVisible()
    assert not window.evidence.enlarge.isEnabled()


@pytest.mark.parametrize("size", SIZES)
def test_all_are_in_sight_at_every_size_and_leave_the_portraits_theirs(qtbot, window, size, keep_picture) -> None:
    for session in ("a", "b"):
        window.resize(*size)
        open_case(qtbot, window, session)
        strip = window.evidence.movements
        qtbot.waitUntil(lambda strip=strip: all(in_sight(button, window) for button in strip.buttons))
        for button, caption in zip(strip.buttons, strip.captions, strict=True):
            assert button.width() >= 56 * window.factor
            assert caption.sizeHint().width() <= caption.width()
            assert strip.rect().contains(caption.geometry())
        others = [button.geometry() for button in strip.buttons]
        assert not any(one.intersects(other) for one in others for other in others if one != other)
        qtbot.waitUntil(lambda: window.evidence.portrait.width() >= 110 * window.factor)
        assert window.minimumSizeHint().height() <= size[1]
        keep_picture(window, f"review_{session}_{size[0]}")


def test_a_key_shows_every_picture_larger_one_after_the_other(qtbot, window, keep_picture) -> None:
    enlarged = window.enlarged
    key(window, Qt.Key.Key_V)
    assert enlarged.isVisible()
    assert enlarged.geometry() == window.rect()
    seen = []
    for _ in range(5):
        seen.append(enlarged.accessibleName())
        assert enlarged.picture.shows_image
        key(window, Qt.Key.Key_Right)
    assert seen == [
        wording.Review.CHIP_PHOTO,
        wording.Review.LIVE_PHOTO,
        "第 1 次活体检测：点头",
        "第 1 次活体检测：眨眼",
        wording.Review.CHIP_PHOTO,
    ]
    key(window, Qt.Key.Key_Left)
    key(window, Qt.Key.Key_Left)
    keep_picture(window, "review_enlarged")
    key(window, Qt.Key.Key_Escape)
    assert not enlarged.isVisible()
    assert not enlarged.picture.shows_image
    assert window.focusWidget() is window.queue


def test_no_key_decides_behind_an_enlarged_picture(qtbot, window, desk) -> None:
    for pressed in (Qt.Key.Key_X, Qt.Key.Key_1):
        key(window, pressed)
    assert window.verdict.submit.isEnabled()
    key(window, Qt.Key.Key_V)
    for pressed in (Qt.Key.Key_Return, Qt.Key.Key_A, Qt.Key.Key_Down, Qt.Key.Key_Space, Qt.Key.Key_Tab):
        key(window, pressed)
    assert window.enlarged.isVisible()
    assert desk.decisions == []
    assert window.case is not None
    assert window.case.item.session_id == "a"
    assert window.verdict.decision is not None
    assert window.verdict.decision.value == "rejected"
    key(window, Qt.Key.Key_Escape)
    key(window, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(desk.decisions) == 1)


@pytest.mark.parametrize("opens", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_every_picture_is_a_button_by_mouse_and_by_key(window, opens: Qt.Key) -> None:
    buttons = [button for button in window.findChildren(PictureButton) if button.isVisible()]
    assert len(buttons) == 4
    for place, button in enumerate(buttons):
        assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
        assert QAccessible.queryAccessibleInterface(button).role() is QAccessible.Role.Button
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        assert window.enlarged._place == place
        QTest.mouseClick(window.enlarged, Qt.MouseButton.LeftButton)
        assert not window.enlarged.isVisible()
        button.setFocus(Qt.FocusReason.TabFocusReason)
        offered = QKeyEvent(QEvent.Type.ShortcutOverride, opens, Qt.KeyboardModifier.NoModifier)
        offered.ignore()
        QApplication.sendEvent(button, offered)
        assert offered.isAccepted()  # not the key of the desk
        QTest.keyClick(button, opens)
        assert window.enlarged.isVisible()
        assert window.enlarged.accessibleName() == button.accessibleName()
        key(window, Qt.Key.Key_Escape)
        assert window.focusWidget() is button


def test_a_case_that_is_let_go_leaves_no_picture(qtbot, window) -> None:
    key(window, Qt.Key.Key_V)
    window._let_go(release=True)
    window.evidence.clear("")
    assert not window.enlarged.isVisible()
    assert not window.enlarged.picture.shows_image
    assert (window.enlarged._pictures, window.evidence._to_enlarge, window.evidence.movements.buttons) == ((), {}, ())
