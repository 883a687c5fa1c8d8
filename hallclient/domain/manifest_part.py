"""What a manifest, and the database before it, is made of: values that are examined when they are made."""

from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from hallclient.domain.failures import BugError


class ManifestPart(BaseModel):
    """A value of a manifest. Unknown fields are refused: what is signed is understood."""

    model_config = ConfigDict(frozen=True, extra="forbid", revalidate_instances="always", hide_input_in_errors=True)

    def changed(self, **changes: object) -> Self:
        """This with `changes`, examined as if it was read: `model_copy` would take anything.

        Raises BugError for a part that there is not, or that is of another kind.
        """
        try:
            return type(self).model_validate({**dict(self), **changes})
        except ValidationError as error:  # its text would quote the input
            parts = ", ".join(sorted({".".join(map(str, item["loc"])) for item in error.errors()}))
            raise BugError(f"no such {type(self).__name__}: {parts}") from None
