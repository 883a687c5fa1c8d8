"""An engine whose comparison fails."""

from collections.abc import Sequence

from hallclient.devices import Image
from hallclient.domain.comparison import Comparison
from hallclient.domain.failures import FailureCode, KnownError
from tests import doubles


class DyingMatcher(doubles.Matcher):
    """The comparison fails for as long as `failure` stands."""

    def __init__(self, code: FailureCode) -> None:
        super().__init__()
        self.failure: KnownError | None = KnownError(code)

    def compare(self, portrait: Image | None, live: Sequence[Image]) -> Comparison:
        if self.failure is not None:
            raise self.failure
        return super().compare(portrait, live)
