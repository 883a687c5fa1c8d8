"""Whose work is delivered with ours is said, with the licences' texts; a new dependency does not go without."""

import sys

import pytest

from tests.third_party import delivered, licence_of, notice, notice_file

LGPL = ("pyside6-essentials", "pyside6-addons", "shiboken6", "fpdf2", "pyscard")


@pytest.mark.parametrize("name", delivered())
def test_everything_that_is_delivered_has_a_licence_and_is_named(name: str) -> None:
    licence = licence_of(name)
    assert licence, f"{name}: its metadata says nothing; look for it, and say it by hand"
    assert not {"AGPL", "GPL-2.0-only", "GPL-3.0-only"} & {licence}, f"{name} cannot be delivered with ours"


@pytest.mark.skipif(sys.platform != "linux" or sys.version_info[:2] != (3, 11), reason="what is installed differs")
def test_the_file_says_what_is_installed() -> None:
    """Made anew by `python -m tests.third_party`."""
    assert notice_file().read_text("utf-8") == notice()


@pytest.mark.parametrize("name", LGPL)
@pytest.mark.attack("minor", "a delivery without a licence's notice", answer="known as LGPL, and delivered by name")
def test_what_is_under_the_lesser_licence_is_known_as_that(name: str) -> None:
    assert name in delivered()
    assert "LGPL" in licence_of(name) or "Lesser" in licence_of(name)


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("LGPL-3.0.txt", "GNU LESSER GENERAL PUBLIC LICENSE"),
        ("LGPL-2.1.txt", "GNU LESSER GENERAL PUBLIC LICENSE"),
        ("GPL-3.0.txt", "GNU GENERAL PUBLIC LICENSE"),
    ],
)
def test_the_licences_texts_lie_beside_it(name: str, title: str) -> None:
    assert title in (notice_file().parent / name).read_text("utf-8")[:200]


def test_no_other_copyleft_has_slipped_in() -> None:
    strong = {name for name in delivered() if "GPL" in licence_of(name)} - set(LGPL)
    assert strong == set(), "say in the notice under which terms it is used"
