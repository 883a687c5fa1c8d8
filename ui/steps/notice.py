"""The customer reads the notice aloud, line by line, on video."""

from PySide6.QtCore import QSize, Qt, QTimer, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from hallclient.domain.evidence import ReadingFacts
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.notice import Notice
from ui import wording
from ui.newest import Newest
from ui.steps.page import StepPage
from ui.steps.workplace import Workplace
from ui.widgets.camera_view import CameraView
from ui.widgets.key_button import action
from ui.widgets.level_bars import LevelBars
from ui.widgets.text import Text, restyle

_SHORTEST_LINE_MS = 700  # two presses in a row are a slip, not a line read


class NoticePage(StepPage):
    """All lines, the one that is read now marked; the picture and the sound as they are recorded."""

    def __init__(self, workplace: Workplace) -> None:
        super().__init__(workplace)
        self._frames, self._levels = Newest(), Newest()
        self._notice: Notice | None = None
        self.line: int | None = None  # None while nothing is recorded
        self.lines: list[Text] = []
        self._paper = QVBoxLayout()
        self._paper.setSpacing(4)
        self.view = CameraView(QSize(264, 198))
        self.bars = LevelBars()
        side = QVBoxLayout()
        side.setSpacing(16)
        side.addWidget(self.view)
        side.addWidget(self.bars)
        side.addStretch(1)
        both = QHBoxLayout()
        both.setSpacing(24)
        both.addLayout(self._paper, 1)
        both.addLayout(side)
        self.content.addLayout(both)
        self.again = action(self, wording.Reading.AGAIN, Qt.Key.Key_F8)
        self.again.setEnabled(False)
        self.again.triggered.connect(self._start_over)
        self.other_ways = [self.again]
        self._ripe = QTimer(self, singleShot=True, interval=_SHORTEST_LINE_MS)
        self._ripe.timeout.connect(self._ripen)
        self._frames.arrived.connect(self.view.show_frame)
        self._levels.arrived.connect(self.bars.add)
        workplace.customer.line_read.connect(self._next_line)

    def begin(self) -> None:
        self.say(wording.Reading.HEADLINE_READY, wording.Reading.STATUS_READY)
        self.at.customer.announce_reading()
        self.ask(self.at.session.notice, self._show_notice)

    @Slot(object)
    def _show_notice(self, notice: Notice) -> None:
        self._notice = notice
        for line in notice.lines:
            label = Text(line, "lead-soft", wrap=True)
            label.setMinimumHeight(48)
            self.lines.append(label)
            self._paper.addWidget(label)
        self._paper.addStretch(1)
        self.way_on.setText(wording.Reading.START)
        self.way_on.setEnabled(True)

    def go_on(self) -> None:
        if self.line is None:
            self._start_over()  # after a failed start something may still be open
        else:
            self._next_line()

    def _start(self) -> None:
        self.status.say(wording.Reading.STARTING, "accent")
        self.ask(lambda: self.at.session.start_reading(self._frames.offer, self._levels.offer), self._show_first)

    @Slot(object)
    def _show_first(self, _: object) -> None:
        if self._notice is not None:
            self.at.customer.ask_reading(self._notice, self._frames, self._levels)
            self._show_line(0)

    def _show_line(self, index: int) -> None:
        notice = self._notice
        if notice is None:
            return
        self.line = index
        self.say(wording.Reading.HEADLINE.format(line=index + 1, lines=len(notice.lines)), wording.Reading.STATUS)
        for position, label in enumerate(self.lines):
            done, now = position < index, position == index
            label.setText(
                wording.Customer.DONE_LINE.format(line=notice.lines[position]) if done else notice.lines[position]
            )
            restyle(label, "kind", "lead" if now else "lead-soft")
            restyle(label, "tone", "good" if done else "")
        last = index + 1 == len(notice.lines)
        self.way_on.setText(wording.Reading.LAST_LINE if last else wording.Reading.NEXT_LINE)
        self.at.customer.show_line(index)
        self.ask(lambda: self.at.session.show_line(index), self._mark_shown)

    @Slot(object)
    def _mark_shown(self, _: object) -> None:
        self.again.setEnabled(True)
        self._ripe.start()

    @Slot()
    def _ripen(self) -> None:
        self.way_on.setEnabled(self.line is not None)

    @Slot()
    def _next_line(self) -> None:
        if self.line is None or self._notice is None or not self.way_on.isEnabled():
            return
        if self.line + 1 < len(self._notice.lines):
            self._show_line(self.line + 1)
            return
        self.status.say(wording.Reading.SAVING, "accent")
        self.at.customer.show_saving(self.at.session.next_step or self.at.session.scene.steps[-1])
        self.ask(self.at.session.finish_reading, self._show_kept)

    @Slot(object)
    def _show_kept(self, reading: ReadingFacts) -> None:
        self.finished.emit(wording.Reading.FOUND.format(seconds=reading.duration_s))

    @Slot()
    def _start_over(self) -> None:
        self._ripe.stop()
        self.line = None
        self.bars.clear()
        self.ask(self.at.session.restart_reading, self._begin_again)

    @Slot(object)
    def _begin_again(self, _: object) -> None:
        self._start()

    @Slot(object)
    def show_failure(self, error: KnownError) -> None:
        super().show_failure(error)
        recording = self.line is not None
        self.again.setEnabled(recording)
        self.way_on.setEnabled(not recording and self._notice is not None)
        self.status.say(wording.Reading.STATUS if recording else wording.Reading.STATUS_READY)
        if error.code is not FailureCode.RECORDING_TOO_SHORT:  # the recording has a hole: begin another
            self._asked = self._start_over
