from dataclasses import replace
from datetime import date

import cv2
import numpy as np
import pytest

from drivers.idcard import record
from drivers.idcard.portrait import OpenPortraitDecoder
from drivers.practice.idcard.people import PRACTICE_PEOPLE, PRACTICE_PERSON
from drivers.practice.idcard.portrait_encoder import encode_portrait
from drivers.practice.idcard.practice_card import PracticeCard
from hallclient.domain.card import CardKind
from hallclient.domain.failures import FailureCode, KnownError


@pytest.mark.parametrize(
    ("card", "kind"),
    [
        (PracticeCard.resident(), CardKind.RESIDENT),
        (PracticeCard.hmt_permit(), CardKind.HMT_PERMIT),
        (PracticeCard.foreign_2017(), CardKind.FOREIGN_2017),
        (PracticeCard.foreign_2023(), CardKind.FOREIGN_2023),
    ],
)
def test_the_practice_people_keep_every_rule_of_a_real_record(card: PracticeCard, kind: CardKind) -> None:
    read = record.decode(card.text)
    assert read.kind is kind
    for day in (date(2023, 12, 1), date(2030, 6, 1), date(2040, 1, 1)):
        assert read.findings(day) == ()
    assert "演练" in read.name
    assert "演练" in read.address or "PRACTICE" in read.english_name
    assert read.name not in repr(card)


def test_the_card_of_anybody() -> None:
    person = replace(PRACTICE_PERSON, name="演练某人")
    assert PracticeCard.of(person).text == PracticeCard.resident(person=person).text
    assert len({record.decode(PracticeCard.of(person).text).number for person in PRACTICE_PEOPLE}) == len(CardKind)


@pytest.mark.parametrize("shape", [(126, 102), (480, 640), (900, 200), (20, 20)])
def test_any_picture_becomes_a_portrait(shape: tuple[int, int]) -> None:
    ramp = np.linspace(0, 255, shape[0] * shape[1], dtype=np.uint8).reshape(shape)
    picture = cv2.merge([ramp, ramp, np.full_like(ramp, 200)])
    portrait = encode_portrait(picture)
    assert len(portrait) == 1024
    decoded = OpenPortraitDecoder().decode(portrait)
    assert decoded is not None
    assert decoded.shape == (126, 102, 3)
    assert abs(int(decoded[63, 51, 2]) - 200) < 12  # red stays red: BGR in, BGR out


def test_even_noise_fits() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (126, 102, 3), dtype=np.uint8)
    assert len(encode_portrait(noise)) == 1024


def test_an_empty_picture_is_refused() -> None:
    with pytest.raises(KnownError) as caught:
        encode_portrait(np.empty((0, 0, 3), np.uint8))
    assert caught.value.code is FailureCode.INPUT_INVALID
