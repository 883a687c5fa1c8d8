"""Whether the centre can be reached, as far as this counter knows."""

from dataclasses import dataclass


@dataclass(slots=True)
class CentreLine:
    """Kept by the dispatch, from its threads; read by whoever writes it down.

    Attributes:
        online: whether the centre answered this device when it was asked last; None before the first try.
    """

    online: bool | None = None
