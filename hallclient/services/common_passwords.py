"""The shipped list of passwords that everybody tries first: assets/passwords, well-known words and what is put behind
them."""

from functools import cache
from importlib import resources

from hallclient.domain.password import CommonPasswords


@cache
def common_passwords() -> CommonPasswords:
    """The list, read when the first password is chosen."""
    folder = resources.files("assets") / "passwords"
    words, endings = (
        frozenset((folder / f"common_{name}.txt").read_text("utf-8").split()) for name in ("words", "endings")
    )
    return CommonPasswords(words, endings)
