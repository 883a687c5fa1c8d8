"""An advice that a person can read before it goes."""

from PySide6.QtCore import QObject, QTimer, Signal

from hallclient.domain.liveness import Advice, Challenge

READ_MS = 700
"""So long an advice stays, unless something comes that cannot wait."""

# Nothing else matters while the face is not seen; then what leads back, which is the contrary of "a little more".
_URGENT = (
    frozenset({Advice.SHOW_FACE, Advice.ONE_FACE}),
    frozenset({Advice.TURN_LESS, Advice.TURN_BACK, Advice.RAISE_HEAD, Advice.CLOSE_MOUTH, Advice.OPEN_EYES}),
)


class SteadyAdvice(QObject):
    """Turns what each look misses into what stands on the screens.

    An advice comes at once and stays for `READ_MS`. Sooner goes only what belongs to another challenge, and what a more
    urgent one takes the place of.

    Signals:
        read(): the time of what is shown is over; `update` may give something else now.
    """

    read = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._challenge: Challenge | None = None
        self._shown: Advice | None = None
        self._reading = QTimer(self, singleShot=True, interval=READ_MS)
        self._reading.timeout.connect(self.read)

    def update(self, challenge: Challenge | None, advice: Advice | None) -> Advice | None:
        """What to show below `challenge`, the newest look having missed `advice`."""
        waits = self._reading.isActive() and challenge is self._challenge
        if advice is not self._shown and not (waits and _urgency(advice) <= _urgency(self._shown)):
            self._shown = advice
            self._reading.stop()
            if advice is not None:
                self._reading.start()
        self._challenge = challenge
        return self._shown

    def clear(self) -> None:
        """Nothing is shown any more, and nothing is to come of what was."""
        self._reading.stop()
        self._challenge = self._shown = None


def _urgency(advice: Advice | None) -> int:
    if advice is None:
        return -1
    return next((len(_URGENT) - place for place, group in enumerate(_URGENT) if advice in group), 0)
