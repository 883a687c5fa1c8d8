"""`hallclient central root`: the root's key, which is kept offline, and what it certifies."""

import getpass
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from hallclient.cli.given_file import about, given_path, read_given, usable
from hallclient.cli.output import JsonOption, answer
from hallclient.domain.certificate_issuing import LONGEST_ISSUER_DAYS
from hallclient.domain.certificates import load_roots
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.root_introduction import fingerprint
from hallclient.system import SystemClock, SystemEntropy

app = typer.Typer(no_args_is_help=True, help="The root's key: keep its folder offline.")

RootFolder = Annotated[
    Path, typer.Option("--root", parser=given_path, metavar="PATH", help="The root's folder, on a medium of its own.")
]

_VARIABLE = "HALLCLIENT_PASSPHRASE"


@app.command()
def create(
    root: RootFolder,
    name: Annotated[str, typer.Option(help="Of the root: the operator's, for instance.")],
    as_json: JsonOption = False,
) -> None:
    """Make a root: root.pem for everybody, and root.p12, its key under a passphrase."""
    from hallclient.central.root import create_root  # noqa: PLC0415  # a counter has no use for the extra `central`

    with usable(root):
        made = create_root(root, name, _passphrase(new=True), SystemClock(), SystemEntropy())
    sha256 = fingerprint(made.certificate)
    answer({"root": str(root), "sha256": sha256}, [str(root), f"SHA-256 {sha256}"], as_json)


@app.command()
def certify(
    root: RootFolder,
    data: Annotated[Path, typer.Option("--data", parser=given_path, metavar="PATH", help="The centre's folder.")],
    days: Annotated[
        int, typer.Option(min=1, max=LONGEST_ISSUER_DAYS, help="How long the issuing key is good.")
    ] = LONGEST_ISSUER_DAYS,
    name: Annotated[str, typer.Option(help="Of a new centre.")] = "centre",
    host_name: Annotated[list[str] | None, typer.Option(help="Further names of a new centre's server.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Give a centre a new issuing key, and all that hangs on it. An empty or missing folder becomes a new centre.

    Stop the centre before, and start it again after.
    """
    from hallclient.central.centre import Centre  # noqa: PLC0415  # see `create`
    from hallclient.central.root import open_root  # noqa: PLC0415

    clock, entropy = SystemClock(), SystemEntropy()
    opened = open_root(root, _passphrase())
    with usable(data):
        if data.is_dir() and any(data.iterdir()):
            centre = Centre.certify(data, opened, clock, entropy, days)
        else:
            centre = Centre.create(data, name, False, clock, entropy, tuple(host_name or ()), opened, days)
    until = centre.keys.issuer.leaf.not_valid_after_utc.isoformat()
    document = {"data": str(data), "centre": centre.name, "root": fingerprint(opened.certificate), "until": until}
    answer(document, [str(data), f"until {until}"], as_json)


@app.command("introduce")
def introduce_root(
    root: RootFolder,
    new: Annotated[Path, typer.Option(parser=given_path, metavar="PATH", help="root.pem of the new root.")],
    out: Annotated[Path, typer.Option(parser=given_path, metavar="PATH", help="Where to write it, for the halls.")],
    as_json: JsonOption = False,
) -> None:
    """Vouch for a new root: halls that know this one then take that one for it."""
    from hallclient.central.root import open_root  # noqa: PLC0415  # see `create`

    with about(f"--new {new.name}"):
        (given, *others) = load_roots(read_given(new))
        if others:
            raise KnownError(FailureCode.INPUT_INVALID, "more than one certificate")
    opened = open_root(root, _passphrase())
    signed = opened.introduce(given, SystemClock().now())
    with about("--out"), usable(out):
        out.write_bytes(signed.to_json())
    document = {"introduced_by": fingerprint(opened.certificate), "sha256": fingerprint(given), "out": str(out)}
    answer(document, [f"SHA-256 {fingerprint(given)}", str(out)], as_json)


def _passphrase(*, new: bool = False) -> str:
    """From $HALLCLIENT_PASSPHRASE, or typed; a new one twice. Raises input_invalid for none."""
    given = os.environ.pop(_VARIABLE, "")  # no child inherits it
    if not given and sys.stdin.isatty():
        given = getpass.getpass("passphrase: ")
        if new and getpass.getpass("again: ") != given:
            raise KnownError(FailureCode.INPUT_INVALID, "typed differently")
    try:
        given.encode()
    except UnicodeEncodeError:
        raise KnownError(FailureCode.INPUT_INVALID, f"{_VARIABLE}: no UTF-8 text") from None
    if not given:
        raise KnownError(FailureCode.INPUT_INVALID, f"no passphrase: set {_VARIABLE} or use a terminal")
    return given
