"""Whether the centre is still there while a delivery hangs, which its own time limits would say much later.

A delivery may be silent for long without being dead: the centre inspects a video, a slow line takes its time. So
nothing is cut off here: a second question on a connection of its own tells the one from the other.
"""

from collections.abc import Callable

from hallclient.domain.failures import FailureCode

SILENT_S = 1.5  # a delivery that moves nothing for so long is asked about
_ASK_AGAIN_S = 3.0


class LineWatch:
    """Looks at the delivery that is under way on another thread. Call `look` every half second or so, from one."""

    def __init__(
        self,
        silent_s: Callable[[], float | None],
        ask: Callable[[], FailureCode | None],
        say: Callable[[FailureCode | None], None],
    ) -> None:
        """
        Args:
            silent_s: for how many seconds the delivery has moved nothing; None while there is none.
            ask: asks the centre: None when it answers, and why it does not, which takes seconds to find out.
            say: told why, when the delivery moves nothing and the centre does not answer, then None when either does.
        """
        self._silent_s = silent_s
        self._ask = ask
        self._say = say
        self._failure: FailureCode | None = None
        self._ask_at_s = SILENT_S

    def look(self) -> None:
        """Ask, if it is time, and say what changed."""
        silent_s = self._silent_s()
        if silent_s is None:  # whoever delivers says by himself how it ended
            self._failure, self._ask_at_s = None, SILENT_S
            return
        if silent_s < SILENT_S:
            self._ask_at_s = SILENT_S
            self._become(None)
        elif self._failure is not None or silent_s >= self._ask_at_s:
            failure = self._ask()
            now_silent_s = self._silent_s()
            if now_silent_s is not None:  # a slow line may have kept the question waiting behind what it delivers
                self._ask_at_s = now_silent_s + _ASK_AGAIN_S
                self._become(None if now_silent_s < silent_s else failure)

    def _become(self, failure: FailureCode | None) -> None:
        if failure is not self._failure:
            self._failure = failure
            self._say(failure)
