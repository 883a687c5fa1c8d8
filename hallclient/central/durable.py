"""Files that are either whole and on the disk, or not there at all."""

from collections.abc import Iterable
from pathlib import Path

from hallclient.durable import replaced_by, sync_folder


def write_new(path: Path, blocks: Iterable[bytes], mark: str, mode: int = 0o600) -> None:
    """Put `blocks` at `path`, replacing what is there. A crash leaves the old file, or a stray `path`.`mark`.

    Args:
        mark: makes the temporary name unique, so that two writers of one path never share a file.
    """
    with replaced_by(path.with_name(f"{path.name}.{mark}"), path, mode) as file:
        for block in blocks:
            file.write(block)


def make_folder(path: Path) -> None:
    """Make `path` and what is above it, readable by nobody else."""
    if not path.is_dir():
        make_folder(path.parent)
        path.mkdir(mode=0o700, exist_ok=True)
        sync_folder(path.parent)
