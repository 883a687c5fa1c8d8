"""The customer reads the notice aloud, one large line at a time, and sees that it is recorded."""

import math

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout

from hallclient.domain.notice import Notice, shortest_line_s
from ui import wording
from ui.customer.page import CustomerPage
from ui.latest_value import LatestValue
from ui.widgets.camera_view import CameraView
from ui.widgets.level_bars import LevelBars
from ui.widgets.pill import Pill
from ui.widgets.scroll import Scroll
from ui.widgets.surface import Surface
from ui.widgets.text import Text


class ReadingPage(CustomerPage):
    """The line before, the line now, the line after.

    Signals:
        line_read(): the customer says that the large line is read.
    """

    line_read = Signal()

    def __init__(self) -> None:
        super().__init__(awaits_customer=True)
        self._notice: Notice | None = None
        self._title = Text("", "customer-title")
        self._mark = Pill("", "stop")
        self._count = Text("", "customer-soft").hug()
        head = QHBoxLayout()
        head.setSpacing(24)
        head.addWidget(self._title, 1)
        head.addWidget(self._mark)
        head.addWidget(self._count)
        self._before = Text("", "customer-lead", wrap=True)
        self._before.say("", "good")
        self._line = Text("", "customer-display", wrap=True)
        self._after = Text("", "customer-lead-soft", wrap=True)
        paper = Surface(margin=24)
        paper.column.setSpacing(16)
        # Each line keeps its place, however long the others are: shares of the room there is, and none is asked for.
        for label, share in ((self._before, 1), (self._line, 3), (self._after, 1)):
            label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
            paper.column.addWidget(label, share)
        self._before.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom)
        self.view = CameraView(QSize(176, 132), mirrored=True)
        self.bars = LevelBars()
        self.read = QPushButton()
        self.read.setProperty("rank", "customer-first")
        self.read.clicked.connect(self.line_read)
        words = QVBoxLayout()
        self._hint = Text(wording.Customer.READ_ALOUD, "customer-lead")
        words.addWidget(self._hint)
        words.addWidget(self.bars, 0, Qt.AlignmentFlag.AlignLeft)
        foot = QHBoxLayout()
        foot.setSpacing(24)
        foot.addWidget(self.view)
        foot.addLayout(words, 1)
        foot.addWidget(self.read)
        self.column.addLayout(head)
        self.column.addWidget(Scroll(paper), 1)
        self.column.addLayout(foot)
        self._ripe = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._ripe.timeout.connect(lambda: self.read.setEnabled(True))
        self._sources: tuple[LatestValue, LatestValue] | None = None

    def prepare(self, notice: Notice, frames: LatestValue, levels: LatestValue) -> None:
        self._notice = notice
        self._title.setText(notice.title)
        self._mark.say(wording.Customer.RECORDING, "stop")
        self.view.show_image(None)
        self.bars.clear()
        self.show_voice_heard(True)
        if self._sources != (frames, levels):  # one level is one bar, however often the reading begins again
            self._let_go_of_sources()
            frames.arrived.connect(self.view.show_frame)
            levels.arrived.connect(self.bars.add)
            self._sources = frames, levels

    def show_line(self, index: int) -> None:
        if self._notice is None:
            return
        lines = self._notice.lines
        self.sentence = lines[index]
        self._count.setText(wording.Customer.LINE.format(line=index + 1, lines=len(lines)))
        self._before.setText(wording.Customer.DONE_LINE.format(line=lines[index - 1]) if index else "")
        self._line.setText(lines[index])
        last = index + 1 == len(lines)
        self._after.setText("" if last else lines[index + 1])
        self.read.setText(wording.Customer.LAST_LINE_READ if last else wording.Customer.LINE_READ)
        self.read.setEnabled(False)
        self._ripe.start(math.ceil(shortest_line_s(lines[index]) * 1000))

    def show_voice_heard(self, heard: bool) -> None:
        """Below the picture: read aloud; or, while the microphone gives nothing, wait: that is the clerk's to mend."""
        self.awaits_customer = heard
        self._hint.say(*((wording.Customer.READ_ALOUD, "") if heard else (wording.Customer.NOT_HEARD, "look")))

    @property
    def at_work(self) -> bool:
        return True  # also while nothing is heard: the recording runs

    def forget(self) -> None:
        self._let_go_of_sources()
        self.view.show_image(None)
        self.bars.clear()

    def _let_go_of_sources(self) -> None:
        sources, self._sources = self._sources, None
        if sources is not None:
            frames, levels = sources
            frames.arrived.disconnect(self.view.show_frame)
            levels.arrived.disconnect(self.bars.add)
