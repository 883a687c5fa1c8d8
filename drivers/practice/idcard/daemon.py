"""A private pcscd, run as an ordinary user, which no other program on the machine notices.

Where its process ends meanwhile, another one is started on the same socket, as the system's own service manager does.
"""

import logging
import os
import shutil
import signal
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from functools import cache
from pathlib import Path

from drivers.practice.idcard.owned_folder import make_owned_folder, own, remove_orphaned_folders
from hallclient.domain.exhaustion import exhaustion
from hallclient.domain.failures import FailureCode, KnownError

SOCKET_VARIABLE = "PCSCLITE_CSOCK_NAME"

_FOLDER_PREFIX = "hallclient-pcscd-"
_SOCKET_NAME = "pcscd.sock"
_READY_TIMEOUT_S = 10.0
_RESTART_PAUSES_S = (0.2, 1.0, 5.0)  # and 5 s each time after that
_STEADY_S = 10.0  # who lived so long is started again as quickly as the first time
_STOP_TIMEOUT_S = 2.0  # it ends at once, unless it hangs
# pcsc-lite winscard_msg.h: every request begins with its body's size and a command; CMD_VERSION's body, request and
# answer alike, is major, minor, result.
_CMD_VERSION = 0x11
_VERSION_REQUEST = struct.pack("=II", 12, _CMD_VERSION) + struct.pack("=iiI", 4, 4, 0)
_VERSION_ANSWER_LENGTH = 12

# pcscd takes over a listening socket as descriptor 3 when LISTEN_PID is its own process id, which only the process
# itself can know before it starts. Popen passes the socket as standard input.
_BECOME_PCSCD = 'LISTEN_FDS=1 LISTEN_PID=$$ exec "$@" 3<&0 0</dev/null'


_log = logging.getLogger(__name__)


def daemon_folder() -> Path:
    """The folder of this process' daemon, readable for its user only; made again when a daemon was closed before.

    libpcsclite reads the path of the daemon's socket once per process, so there is one path for the life of the
    process, however often a daemon is started in it.
    """
    folder = _folder_path()
    if not folder.exists():
        folder.mkdir(mode=0o700)
        own(folder)
    return folder


@cache
def _folder_path() -> Path:
    """Made at the first call, when what other processes left that were killed is removed, too."""
    remove_orphaned_folders(_FOLDER_PREFIX)
    return make_owned_folder(_FOLDER_PREFIX)


class PcscDaemon:
    """pcscd with our handler and a fixed set of readers. Dies with this process.

    The client's side of this process is pointed at it by the environment; that has to happen before the first PC/SC
    call. USB readers are left to the system's own daemon.
    """

    def __init__(self, handler: Path, readers: Mapping[str, Path]) -> None:
        """`readers` maps a reader's name to the socket on which its process listens."""
        self._handler = handler
        self._readers = readers
        self._process: subprocess.Popen[bytes] | None = None
        self._keeper: threading.Thread | None = None
        self._ending = threading.Event()
        self._changing = threading.Lock()  # which process it is, against ending it

    @property
    def running(self) -> bool:
        """It was started and not stopped: it runs, or is being started again."""
        return self._keeper is not None and self._keeper.is_alive()

    @property
    def pid(self) -> int | None:
        """The process id, for diagnosis."""
        process = self._process
        return None if process is None else process.pid

    def start(self) -> None:
        """Start it and wait until it answers. Raises KnownError: practice_tool_missing."""
        pcscd = shutil.which("pcscd", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
        if pcscd is None:
            raise KnownError(FailureCode.PRACTICE_TOOL_MISSING, "pcscd")
        folder = daemon_folder()
        configuration, no_drivers = folder / "reader.conf.d", folder / "no-usb-drivers"
        configuration.mkdir(exist_ok=True)
        no_drivers.mkdir(exist_ok=True)
        (configuration / "practice.conf").write_text(self._reader_conf(), encoding="utf-8")
        path = folder / _SOCKET_NAME
        os.environ[SOCKET_VARIABLE] = os.fspath(path)
        command = [pcscd, "--foreground", "--critical", "--config", os.fspath(configuration)]
        if "--disable-polkit" in _help(pcscd):
            command.append("--disable-polkit")
        self._keep(command, path, os.environ | {"PCSCLITE_HP_DROPDIR": os.fspath(no_drivers)})
        self._wait_until_ready(path)

    def stop(self) -> None:
        """End it in order; harmless when it does not run."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a crash would, at any instruction; nobody starts it again."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Stop and start on the same socket path."""
        self.stop()
        self.start()

    def close(self) -> None:
        """Stop it and remove its folder."""
        self.stop()
        shutil.rmtree(_folder_path(), ignore_errors=True)

    def _reader_conf(self) -> str:
        return "".join(
            f'FRIENDLYNAME "{name}"\nDEVICENAME unix:{path}\nLIBPATH {self._handler}\n\n'
            for name, path in self._readers.items()
        )

    def _keep(self, command: list[str], path: Path, environment: dict[str, str]) -> None:
        """Start the process, and again whenever it ends, from a thread that lives as long as it does.

        The kernel's parent-death signal is sent when the *thread* that started a process ends. With a thread of our own
        it does not matter which thread called `start`.
        """
        started: Future[None] = Future()

        def keep() -> None:
            try:
                self._process = _spawned(command, path, environment)
            except OSError as error:
                started.set_exception(
                    exhaustion(error) or KnownError(FailureCode.PRACTICE_TOOL_MISSING, f"setpriv: {error.strerror}")
                )
                return
            started.set_result(None)
            self._start_again_and_again(lambda: _spawned(command, path, environment))

        self._ending.clear()
        self._keeper = threading.Thread(target=keep, name="pcscd-keeper", daemon=True)
        self._keeper.start()
        started.result()

    def _start_again_and_again(self, spawn: Callable[[], "subprocess.Popen[bytes]"]) -> None:
        in_a_row = 0
        while self._process is not None:
            begun_s = time.monotonic()
            code = self._process.wait()
            if self._ending.is_set():
                return
            in_a_row = 0 if time.monotonic() - begun_s >= _STEADY_S else in_a_row
            _log.warning("the practice pcscd ended with %s and is started again", code)
            if self._ending.wait(_RESTART_PAUSES_S[min(in_a_row, len(_RESTART_PAUSES_S) - 1)]):
                return
            in_a_row += 1
            try:
                process = spawn()
            except OSError as error:  # the operating system has no room: the dead one is waited for again, at once
                _log.warning("the practice pcscd cannot be started again: errno %s", error.errno)
                continue
            with self._changing:
                self._process = process
                if self._ending.is_set():  # it was to end between the pause and now
                    process.kill()

    def _end(self, with_signal: signal.Signals) -> None:
        if self._process is None or self._keeper is None:
            return
        with self._changing:
            self._ending.set()
            self._process.send_signal(with_signal)
        self._keeper.join(_STOP_TIMEOUT_S)
        if self._keeper.is_alive():
            self._process.kill()
            self._keeper.join(_STOP_TIMEOUT_S)  # one that the kernel does not let go ends without us
        self._process = self._keeper = None
        (_folder_path() / _SOCKET_NAME).unlink(missing_ok=True)

    def _wait_until_ready(self, path: Path) -> None:
        """pcscd answers only after it has opened its readers. A process that died resets the connection."""
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(_READY_TIMEOUT_S)
                client.connect(os.fspath(path))
                client.sendall(_VERSION_REQUEST)
                answer = client.recv(_VERSION_ANSWER_LENGTH, socket.MSG_WAITALL)
        except OSError as error:
            self.kill()
            raise exhaustion(error) or KnownError(
                FailureCode.PRACTICE_TOOL_MISSING, f"pcscd did not start: {error}"
            ) from error
        if len(answer) != _VERSION_ANSWER_LENGTH:
            self.kill()
            raise KnownError(FailureCode.PRACTICE_TOOL_MISSING, "pcscd did not start")


def _spawned(command: list[str], path: Path, environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    """pcscd on a new socket at `path`. Raises OSError."""
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.fspath(path))
        listener.listen()
        return subprocess.Popen(
            ("setpriv", "--pdeathsig", "KILL", "sh", "-c", _BECOME_PCSCD, "sh", *command),
            stdin=listener.fileno(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,  # Ctrl-C in a terminal is not for it
        )


def _help(pcscd: str) -> str:
    """pcscd's own list of its options: 1.9 ends at once when it is given one that only 2.x knows."""
    return subprocess.run(
        (pcscd, "--help"), check=False, capture_output=True, text=True, timeout=_READY_TIMEOUT_S
    ).stdout
