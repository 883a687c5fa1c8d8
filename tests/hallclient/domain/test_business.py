"""What a session is about: a number, and a salt that keeps it from being guessed; neither stands in an error."""

import pytest
from pydantic import ValidationError

from hallclient.domain.business import Business

NUMBER, SALT = "13800000021", "0f" * 16


def test_the_digest_hangs_on_the_salt() -> None:
    one = Business(session="s", service_number=NUMBER, salt=SALT)
    other = Business(session="s", service_number=NUMBER, salt="1f" * 16)
    assert one.service_number_sha256 != other.service_number_sha256


@pytest.mark.parametrize(
    ("number", "salt"),
    [(NUMBER, ""), (NUMBER, "0f" * 15), (NUMBER, "0F" * 16), (f"not {NUMBER}", SALT), ("", SALT), (f"{NUMBER}9", SALT)],
)
def test_what_is_no_number_or_no_salt_is_none_and_stands_in_no_error(number: str, salt: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Business(session="s", service_number=number, salt=salt)
    assert NUMBER not in str(caught.value)
