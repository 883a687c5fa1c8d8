import numpy as np

from drivers.face.picture_numbers import PictureNumbers
from hallclient.devices import Image


def picture() -> Image:
    return np.zeros((2, 3, 3), np.uint8)


def test_a_picture_has_its_number_while_somebody_holds_it() -> None:
    numbers = PictureNumbers()
    first, second = picture(), picture()
    given = [numbers.give(image) for image in (first, second)]
    assert numbers.of([second, first, second]) == [given[1], given[0], given[1]]
    assert numbers.held() == given
    del first
    assert numbers.held() == given[1:]
    assert numbers.of([second]) == given[1:]


def test_an_equal_picture_is_another_one() -> None:
    numbers = PictureNumbers()
    image = picture()
    numbers.give(image)
    assert numbers.of([image.copy()]) is None
    assert numbers.of([image, image[:]]) is None


def test_no_number_is_given_twice_however_places_in_memory_are() -> None:
    numbers = PictureNumbers()
    given = [numbers.give(picture()) for _ in range(200)]
    assert len(set(given)) == 200
    assert numbers.held() == []


def test_a_second_look_at_a_picture_gives_it_a_new_number() -> None:
    numbers = PictureNumbers()
    image = picture()
    old, new = numbers.give(image), numbers.give(image)
    assert old != new
    assert numbers.held() == numbers.of([image]) == [new]


def test_of_too_many_the_oldest_are_forgotten() -> None:
    numbers = PictureNumbers()
    kept = [picture() for _ in range(100)]
    given = [numbers.give(image) for image in kept]
    assert numbers.held() == given[-64:]
    assert numbers.of(kept[:1]) is None
    assert numbers.of(kept[-64:]) == given[-64:]
