"""One measured figure beside its baseline from the same run."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """`seconds` for `name`, and `baseline_seconds` for `baseline`."""

    name: str
    seconds: float
    baseline: str
    baseline_seconds: float

    def __str__(self) -> str:
        ratio = self.seconds / self.baseline_seconds
        return (
            f"{self.name}: {self.seconds * 1000:.2f} ms; {self.baseline}: {self.baseline_seconds * 1000:.2f} ms; "
            f"ratio {ratio:.2f}"
        )
