"""Compiles the IFD handler when it is first needed."""

import hashlib
import logging
import os
import shlex
import subprocess
import tempfile
from pathlib import Path

from drivers.practice.idcard.daemon import daemon_folder
from hallclient.domain.exhaustion import exhaustion, exhaustion_of
from hallclient.domain.failures import FailureCode, KnownError

SOURCE = Path(__file__).with_name("ifd_handler.c")
_COMPILE_TIMEOUT_S = 60

_log = logging.getLogger(__name__)


def built_handler(cache: Path) -> Path:
    """The compiled handler in `cache`, built unless this very source was built there before.

    Where `cache` cannot be written, it is built into the folder of this process' daemon, which ends with it.

    Raises KnownError: practice_tool_missing when gcc, pkg-config or the headers of libpcsclite are not installed.
    """
    try:
        return _built_in(cache)
    except OSError as error:
        _log.warning("the cache cannot be written: errno %s", error.errno)
        return _built_in(daemon_folder())


def _built_in(cache: Path) -> Path:
    source = SOURCE.read_bytes()
    # pcscd runs in another folder.
    library = cache.resolve() / f"ifd_handler-{hashlib.sha256(source).hexdigest()}.so"
    if not library.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            half_built = Path(folder) / library.name
            _compile(half_built)
            # Two processes may build at once; whoever is later replaces the same bytes in one step.
            half_built.replace(library)
    return library


def _compile(target: Path) -> None:
    flags = shlex.split(_run("pkg-config", "--cflags", "libpcsclite"))
    options = ("-std=c11", "-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra", "-fPIC", "-shared", "-pthread")
    _run("gcc", *options, *flags, "-o", os.fspath(target), os.fspath(SOURCE))


def _run(program: str, *arguments: str) -> str:
    try:
        done = subprocess.run(
            (program, *arguments), check=True, capture_output=True, text=True, timeout=_COMPILE_TIMEOUT_S
        )
    except OSError as error:
        raise exhaustion(error) or KnownError(FailureCode.PRACTICE_TOOL_MISSING, program) from None
    except subprocess.TimeoutExpired:
        raise KnownError(FailureCode.PRACTICE_TOOL_MISSING, f"{program} did not end") from None
    except subprocess.CalledProcessError as error:
        if (exhausted := exhaustion_of(program, error.returncode)) is not None:
            raise exhausted from error
        last_line = error.stderr.strip().splitlines()[-1:]
        raise KnownError(FailureCode.PRACTICE_TOOL_MISSING, f"{program}: {' '.join(last_line)}") from error
    return done.stdout
