"""The customer reads the notice aloud, line by line, on video."""

import math

from PySide6.QtCore import QSize, Qt, QTimer, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from hallclient.devices import Frame
from hallclient.domain.evidence.facts.notice import LineEnd, RecordingFacts
from hallclient.domain.failures import LINE_GOES_ON, FailureCode, KnownError
from hallclient.domain.notice import Notice, shortest_line_s
from hallclient.services.session.notice import NoticeStep
from hallclient.services.stop import Stop
from ui import wording
from ui.latest_value import LatestValue
from ui.scale import fix_size, rescale
from ui.steps.page import Confirmation, StepPage
from ui.steps.workplace import Workplace
from ui.widgets.camera_view import CameraView
from ui.widgets.key_button import action
from ui.widgets.level_bars import LevelBars
from ui.widgets.text import Text, restyle

_SURE = Confirmation(wording.Reading.SURE, wording.Reading.SURE_STATUS, wording.Reading.SURE_YES)
_SURE_WHOLE = Confirmation(wording.Reading.SURE, wording.Reading.SURE_WHOLE, wording.Reading.SURE_YES)
_STAKE = Confirmation(wording.Reading.STAKE, wording.Reading.STAKE_STATUS, wording.Reading.STAKE_YES)
_STAKE_WHOLE = Confirmation(wording.Reading.STAKE, wording.Reading.STAKE_WHOLE, wording.Reading.STAKE_YES)


class NoticePage(StepPage):
    """All lines, the one that is read now marked; the picture and the sound as they are recorded."""

    def __init__(self, workplace: Workplace, work: NoticeStep) -> None:
        super().__init__(workplace)
        self.work = work
        self._frames, self._levels, self._trouble = LatestValue(), LatestValue(), LatestValue()
        self._notice: Notice | None = None
        self.line: int | None = None  # None while nothing is recorded
        self._due = 0  # the line that the session was asked for
        self._recording = False
        self._early: KnownError | None = None  # trouble of a recording that the page does not know to run yet
        self._stop = Stop()  # of the start that is under way
        self._muted = False  # the microphone has given nothing for so long that it was told
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
        self.again.triggered.connect(self._ask_to_start_over)
        self.secondary_actions = [self.again]
        self._ripe = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._ripe.timeout.connect(self._ripen)
        self.listen(self._frames.arrived, self._show_frame)
        self.listen(self._levels.arrived, self.bars.add)
        self.listen(self._trouble.arrived, self._hear_trouble)
        self.listen(workplace.customer.line_read, self._end_by_customer)

    def begin(self) -> None:
        self.say(wording.Reading.HEADLINE_READY, wording.Reading.STATUS_READY)
        self.workplace.customer.announce_reading()
        self.ask(self.work.notice, self._show_notice)

    @Slot(object)
    def _show_notice(self, notice: Notice) -> None:
        self._notice = notice
        for line in notice.lines:
            label = Text(line, "lead-soft", wrap=True)
            fix_size(label, least_height=48)
            rescale(label, self._factor)
            self.lines.append(label)
            self._paper.addWidget(label)
        self._paper.addStretch(1)
        self.primary_action.setText(wording.Reading.START)
        self.primary_action.setEnabled(True)

    @Slot(object)
    def _show_frame(self, frame: Frame) -> None:
        self.view.show_frame(frame)
        self.view.tell_origin(self.work.camera)

    def go_on(self) -> None:
        if self.line is None:
            self._start_over()  # after a failed start something may still be open
        else:
            self._end_line(LineEnd.CLERK)

    def _start(self) -> None:
        self.status.say(wording.Reading.STARTING, "accent")
        self._early, self._muted = None, False
        callbacks = self._frames.offer, self._levels.offer, self._trouble.offer
        stop = self._stop
        self.ask(lambda: self.work.start_recording(*callbacks, stop), self._show_first)

    def put_aside(self) -> bool:
        """A camera that is being opened is let go of. A reading that has begun goes on: see `at_stake`."""
        self._stop.say()
        return False

    def leave(self) -> None:
        super().leave()
        self._stop.say()

    @Slot(object)
    def _show_first(self, _: object) -> None:
        if self._stop.said:  # it began all the same, and no screen has said so
            self.ask(self.work.restart_recording, self._make_ready)
        elif self._notice is not None:
            self._recording = True
            self.workplace.customer.ask_reading(self._notice, self._frames, self._levels)
            self._turn_to_line(0, LineEnd.CLERK)
            if self._early is not None:
                self._hear_trouble(self._early)

    def _turn_to_line(self, index: int, end: LineEnd) -> None:
        """Once the session has it, both screens show it: what they show has happened."""
        self._due = index
        self.ask(lambda: self.work.show_line(index, end), self._show_due)

    @Slot(object)
    def _show_due(self, _: object) -> None:
        notice, index = self._notice, self._due
        if notice is None or not self._recording:  # it died while the line was turned to
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
        self.keep_in_sight(self.lines[index])
        last = index + 1 == len(notice.lines)
        self.primary_action.setText(wording.Reading.LAST_LINE if last else wording.Reading.NEXT_LINE)
        self.workplace.customer.show_line(index, heard=not self._muted)
        self.again.setEnabled(True)
        self._ripe.start(math.ceil(shortest_line_s(notice.lines[index]) * 1000))

    @Slot()
    def _ripen(self) -> None:
        self.primary_action.setEnabled(self.line is not None)

    @Slot()
    def _end_by_customer(self) -> None:
        self._end_line(LineEnd.CUSTOMER)

    def _end_line(self, end: LineEnd) -> None:
        if self.line is None or self._notice is None or not self.primary_action.isEnabled():
            return
        if self.line + 1 < len(self._notice.lines):
            self._turn_to_line(self.line + 1, end)
            return
        self.withdraw()  # it is whole
        self.status.say(wording.Reading.SAVING, "accent")
        self.workplace.customer.show_saving()
        self.ask(lambda: self.work.finish_recording(end), self._show_kept)

    @Slot(object)
    def _show_kept(self, recording: RecordingFacts) -> None:
        self._recording, self.line = False, None
        self.finished.emit(wording.Reading.FOUND.format(seconds=recording.duration_s))

    def at_stake(self) -> Confirmation | None:
        if not self._recording:
            return None
        return _STAKE_WHOLE if self.work.recording_is_whole else _STAKE

    @Slot()
    def _ask_to_start_over(self) -> None:
        """The recording goes on meanwhile: whoever says no has lost nothing."""
        self.ask_first(_SURE_WHOLE if self.work.recording_is_whole else _SURE, self._start_over)

    @Slot()
    def _start_over(self) -> None:
        self._end_recording()
        self._stop = Stop()
        self.status.say(wording.Reading.STARTING, "accent")
        self.ask(self.work.restart_recording, self._begin_again)

    @Slot(object)
    def _begin_again(self, _: object) -> None:
        if self._stop.said:
            self._make_ready()
        else:
            self._start()

    @Slot(object)
    def _hear_trouble(self, error: KnownError | None) -> None:
        """Something went wrong while the customer reads, and nobody had asked."""
        if not self._recording:
            self._early = error
            return
        if error is None:
            self._muted = False
            self.banner.clear()
            self.workplace.customer.show_voice_heard(True)
        elif error.code in LINE_GOES_ON:
            self._muted = True
            super().show_failure(error)
            self.banner.show_error(error, retriable=False)
            self.workplace.customer.show_voice_heard(False)
        else:
            self.show_failure(error)

    @Slot(object)
    def show_failure(self, error: KnownError) -> None:
        if error.code is FailureCode.CHECK_STOPPED:  # by the clerk, who knows
            self._make_ready()
            return
        super().show_failure(error)
        if self.line is not None and error.code in LINE_GOES_ON:
            self.banner.show_error(error, retriable=False)  # the key that ends the line tries again
            self.again.setEnabled(True)
            self.primary_action.setEnabled(True)
            self.status.say(wording.Reading.STATUS)
            self.workplace.customer.show_line(self.line, heard=error.code is not FailureCode.MICROPHONE_SILENT)
            return
        if self.work.recording_is_whole:  # only to be kept: a retry, or the key that ends the line, asks for that
            self.again.setEnabled(True)
            self.primary_action.setEnabled(self.line is not None)
            self.status.say(wording.Reading.NOT_KEPT, "look")
            return
        # The recording has a hole, or there is none: what is left of it goes at once, and another begins.
        if self._recording:
            self._end_recording()
            self.run(self.work.restart_recording, None, self.show_failure)
        self._make_ready()

    @Slot(object)
    def _make_ready(self, _: object = None) -> None:
        """Nothing is recorded: a key begins, unless the notice itself is still to be asked for."""
        if self._notice is not None:
            self._asked = self._start_over
        self.again.setEnabled(False)
        self.primary_action.setText(wording.Reading.START)
        self.primary_action.setEnabled(self._notice is not None)
        self.say(wording.Reading.HEADLINE_READY, wording.Reading.STATUS_READY)

    def _end_recording(self) -> None:
        """From now on nothing is recorded, and no screen says so."""
        self._ripe.stop()
        if self._recording:
            self.workplace.customer.pause_reading()
        self._recording, self.line = False, None
        self.bars.clear()
