"""One measured figure: beside its baseline from the same run, beside what is wanted, or as a rate of few trials."""

from dataclasses import dataclass

from hallclient.services.liveness_rates import interval


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


@dataclass(frozen=True, slots=True)
class Wanted:
    """`value` in `unit` for `name`, and the `limit` that is wanted: as the most, or as the least if `at_least`."""

    name: str
    value: float
    unit: str
    limit: float
    at_least: bool = False

    @property
    def holds(self) -> bool:
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def __str__(self) -> str:
        side = "at least" if self.at_least else "at most"
        return (
            f"{self.name}: {self.value:.1f} {self.unit}; wanted: {side} {self.limit:g} {self.unit}"
            f"{'' if self.holds else '; MISSED'}"
        )


@dataclass(frozen=True, slots=True)
class Rate:
    """`errors` of `trials` for `name`, with its interval at 95 %."""

    name: str
    errors: int
    trials: int

    def __str__(self) -> str:
        bounds = interval(self.errors, self.trials)
        if bounds is None:
            return f"{self.name}: not tried"
        share, (low, high) = self.errors / self.trials, bounds
        return f"{self.name}: {self.errors} of {self.trials} ({share:.1%}, 95 % interval {low:.1%} to {high:.1%})"
