"""Numbers of pictures that the face process looked at: so they can be named in place of being sent again."""

from collections.abc import Iterator, Sequence
from itertools import count
from weakref import ref

from hallclient.devices import Image

_MOST = 64  # a check keeps a dozen; whoever keeps more gets the oldest sent again


class PictureNumbers:
    """Each picture's own number, known for as long as anybody holds that very picture, which nobody changes.

    For one thread at a time. No number is ever given twice.
    """

    def __init__(self) -> None:
        self._next = count()
        self._numbered: dict[int, tuple[ref[Image], int]] = {}  # by identity, in the order of their numbers

    def give(self, image: Image) -> int:
        """A new number for `image`, also where it had one."""
        self._numbered = dict(list(self._alive())[1 - _MOST :])
        self._numbered.pop(id(image), None)
        number = next(self._next)
        self._numbered[id(image)] = ref(image), number
        return number

    def held(self) -> list[int]:
        """The numbers of all pictures that may still be named."""
        return [number for _, (_, number) in self._alive()]

    def of(self, images: Sequence[Image]) -> list[int] | None:
        """The numbers of `images`; None where one of them has none."""
        numbers = []
        for image in images:
            known, number = self._numbered.get(id(image), (None, -1))
            if known is None or known() is not image:
                return None
            numbers.append(number)
        return numbers

    def _alive(self) -> Iterator[tuple[int, tuple[ref[Image], int]]]:
        return ((key, entry) for key, entry in self._numbered.items() if entry[0]() is not None)
