"""Writes the contract between client and centre: `python -m hallclient.central.contract`."""

import json
from importlib.resources import files
from pathlib import Path

from fastapi.openapi.utils import get_openapi

from hallclient.central.application import TITLE, VERSION, router


def contract() -> str:
    """The OpenAPI document of the centre, as it lies in `assets/contract/openapi.json`."""
    document = get_openapi(
        title=TITLE,
        version=VERSION,
        description="HTTPS with TLS 1.3. The centre shows a certificate for its server, a counter one for its device, "
        "each with its issuer, under the same root. "
        "The manifest and the receipt are canonical JSON (RFC 8785) inside strings, because they are signed.",
        routes=router.routes,
    )
    return json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def contract_file() -> Path:
    """Where the contract is kept."""
    return Path(str(files("assets"))) / "contract" / "openapi.json"


if __name__ == "__main__":
    contract_file().write_text(contract(), encoding="utf-8")
