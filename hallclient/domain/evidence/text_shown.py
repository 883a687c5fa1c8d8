"""Which version of a text a customer was shown."""

from hallclient.domain.manifest_part import ManifestPart


class TextShown(ManifestPart):
    """A version of a text; the digest is of what is read, see `hallclient.domain.notice`."""

    code: str
    version: str
    sha256: str
