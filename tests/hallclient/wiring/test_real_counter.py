"""The devices of a real counter are let go of together."""

import pytest

from drivers.face.engines import DEFAULT_ENGINE
from hallclient.domain.enrolment import EnrolmentSettings
from hallclient.wiring import real_counter as module
from tests.clock import CountingEntropy, HandClock


@pytest.mark.parametrize("broken", ["reader_hub", "ProcessRecorder", "faces_in_process"])
def test_a_device_that_cannot_be_closed_keeps_none_of_the_others(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[str] = []

    class Device:
        def __init__(self, name: str) -> None:
            self.name = name

        def close(self) -> None:
            closed.append(self.name)
            if self.name == broken:
                raise OSError("a driver may raise anything")

    names = ["reader_hub", "ProcessRecorder", "faces_in_process"]
    for name in names:
        monkeypatch.setattr(module, name, lambda *_, name=name, **__: Device(name))
    counter = module.real_counter(0, DEFAULT_ENGINE, EnrolmentSettings(), HandClock(), CountingEntropy())
    with pytest.raises(OSError, match="anything"), counter:
        assert closed == []
    assert closed == names


def test_a_device_that_does_not_come_up_leaves_none_of_the_others_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[str] = []

    class Device:
        def __init__(self, name: str) -> None:
            self.name = name

        def close(self) -> None:
            closed.append(self.name)

    def broken(*_: object, **__: object) -> None:
        raise OSError("no profiles")

    for name in ("ProcessRecorder", "faces_in_process"):
        monkeypatch.setattr(module, name, lambda *_, name=name, **__: Device(name))
    monkeypatch.setattr(module, "reader_hub", broken)
    with (
        pytest.raises(OSError, match="no profiles"),
        module.real_counter(0, DEFAULT_ENGINE, EnrolmentSettings(), HandClock(), CountingEntropy()),
    ):
        pass
    assert closed == ["ProcessRecorder", "faces_in_process"]
