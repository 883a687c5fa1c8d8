"""What the recorder says of a recording is what the centre finds in the file."""

import pytest

from drivers.recorder.process_recorder import ProcessRecorder
from hallclient.devices import RecordingReport
from hallclient.domain.aead_stream import SealedReader
from hallclient.domain.matroska_scan import MatroskaScan
from tests.drivers.recorder.synthetic import KEY, RATE_HZ, SESSION, SystemEntropy, picture, sound


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, RecordingReport]:
    path = tmp_path_factory.mktemp("scanned") / "recording.part"
    recorder = ProcessRecorder(SystemEntropy())
    try:
        recorder.start(path, KEY, RATE_HZ, SESSION)
        for index in range(60):
            recorder.picture(picture(5.0, index, (160, 120)))
            recorder.sound(sound(5.0, index / 25, 0.04))
        report = recorder.stop()
    finally:
        recorder.close()
    with path.open("rb") as file:
        return SealedReader(file, KEY).read(), report


@pytest.mark.parametrize("piece", [1, 7, 1000, 1 << 20])
def test_the_scan_agrees_however_it_is_fed(recorded: tuple[bytes, RecordingReport], piece: int) -> None:
    data, report = recorded
    scan = MatroskaScan()
    for at in range(0, len(data), piece):
        scan.feed(data[at : at + piece])
    assert (scan.is_whole, scan.title, scan.pictures) == (True, SESSION, report.pictures)
    assert scan.pictures_end_s == pytest.approx(report.duration_s, abs=0.002)
    assert scan.sounds > 50
    assert scan.sounds_end_s == pytest.approx(report.sound_s, abs=0.1)


def test_one_that_was_cut_is_not_whole(recorded: tuple[bytes, RecordingReport]) -> None:
    data, report = recorded
    scan = MatroskaScan()
    scan.feed(data[: len(data) // 2])
    assert not scan.is_whole or scan.pictures < report.pictures
