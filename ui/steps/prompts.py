"""What a customer is asked to do before the camera, on its way to the screens."""

from dataclasses import dataclass, replace

from hallclient.domain.liveness import Advice, Challenge
from ui.latest_value import LatestValue


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is asked now and what is missing for it; `done` when nothing is asked any more."""

    challenge: Challenge | None = None
    advice: Advice | None = None
    done: bool = False


class Prompts(LatestValue):
    """Carries both together: a screen that comes late never shows one challenge with what another one lacked."""

    def begin(self) -> None:
        self._now = Prompt()

    def ask(self, challenge: Challenge | None) -> None:
        self._offer(Prompt(challenge))

    def advise(self, advice: Advice | None) -> None:
        self._offer(replace(self._now, advice=advice))

    def end(self) -> None:
        self._offer(Prompt(done=True))

    def _offer(self, prompt: Prompt) -> None:
        self._now = prompt
        self.offer(prompt)
