"""A bug's number leads to the place where it happened, and to nobody's name."""

import logging
import re
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hallclient.domain.failures import BugError, FailureCode, KnownError
from hallclient.services import bug_log
from hallclient.services.bug_log import places, report_bug, start_log
from tests.clock import CountingEntropy

pytestmark = pytest.mark.may_log("")  # this is what is tested here
SECRET = "张三 110101199001011234"


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    root, before = logging.getLogger(), list(logging.getLogger().handlers)
    for holder in (sys, threading):
        monkeypatch.setattr(holder, "excepthook", holder.excepthook)
    path = tmp_path / "logs" / "hallclient.log"
    start_log(path)
    yield path
    for handler in [one for one in root.handlers if one not in before]:
        root.removeHandler(handler)
        handler.close()


def stumble(value: str) -> None:
    person = value  # a local: it must not be shown either
    raise ValueError(f"cannot use {person}")


def caught(value: str = SECRET) -> ValueError:
    with pytest.raises(ValueError, match="cannot use") as seen:
        stumble(value)
    return seen.value


def test_a_bug_stands_in_the_log_under_its_number_without_a_value(log: Path) -> None:
    error = caught()
    number = report_bug(error, CountingEntropy())
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{6}", number)
    text = log.read_text("utf-8")
    assert f"bug {number}\nValueError\n" in text
    assert "tests.hallclient.services.test_bug_log test_bug_log.py:" in text
    assert " stumble" in text
    assert SECRET not in text
    assert "cannot use" not in text


def test_one_bug_has_one_number_and_is_written_once(log: Path) -> None:
    error = caught()
    assert report_bug(error) == report_bug(error)
    assert log.read_text("utf-8").count("bug ") == 1
    assert report_bug(caught()) != report_bug(error)


def test_what_led_to_it_is_named_and_only_our_own_words_are_kept() -> None:
    try:
        try:
            stumble(SECRET)
        except ValueError as error:
            raise BugError("two seals of one session") from error
    except BugError as bug:
        text = places(bug)
    assert "BugError: two seals of one session" in text
    assert "\nValueError\n" in text
    assert SECRET not in text
    assert places(KnownError(FailureCode.DISK_FULL, SECRET)).endswith("KnownError: disk_full")
    group = places(ExceptionGroup(SECRET, [OSError(28, SECRET), caught()]))
    assert "| OSError: errno 28" in group
    assert SECRET not in group


def test_a_library_is_named_but_not_quoted(log: Path) -> None:
    logging.getLogger("somelibrary.part").warning("failed for %s", SECRET)
    logging.getLogger("hallclient.part").warning("the courier waits %d s", 5, exc_info=caught())
    logging.getLogger("hallclient.part").info("nothing to see")
    text = log.read_text("utf-8")
    assert "WARNING somelibrary.part: test_bug_log.py:" in text
    assert "WARNING hallclient.part: the courier waits 5 s\nValueError\n" in text
    assert SECRET not in text
    assert "nothing to see" not in text


def test_what_no_thread_catches_is_reported(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    thread = threading.Thread(target=stumble, args=(SECRET,))
    thread.start()
    thread.join()
    error = caught()
    sys.excepthook(type(error), error, error.__traceback__)
    said = capsys.readouterr().err
    assert re.fullmatch(r"(bug \w{6}: ValueError\n){2}", said)
    assert log.read_text("utf-8").count("ERROR hallclient.services.bug_log: bug ") == 2


def test_the_log_is_private_turns_over_and_never_stops_the_work(
    log: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    speaker = logging.getLogger("hallclient.part")
    for _ in range(6):
        speaker.warning("x" * (bug_log._FILE_BYTES - 200))
    assert sorted(path.name for path in log.parent.iterdir()) == [log.name, *(f"{log.name}.{n}" for n in (1, 2, 3, 4))]
    assert log.stat().st_mode & 0o077 == 0

    def full(*_: object) -> int:
        raise OSError(28, SECRET)

    monkeypatch.setattr("hallclient.services.bug_log.os.open", full)
    for _ in range(2):
        speaker.warning(SECRET)
    monkeypatch.undo()
    assert capsys.readouterr().err == "the log cannot be written: OSError\n"
