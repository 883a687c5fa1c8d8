"""What was checked before the face."""

from typing import Literal

from hallclient.domain.step_kind import StepFacts


class PrecheckFacts(StepFacts):
    """What was checked before the face. The networked check is the centre's and done after delivery."""

    card_usable: bool
    network_check: Literal["pending"]
    centre_reachable: bool

    @property
    def forbids(self) -> bool:
        return not self.card_usable
