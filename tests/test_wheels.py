"""Where it runs: each locked package has a wheel for Windows and for a Linux with glibc 2.28, on each Python."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from packaging.markers import Marker
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import parse_wheel_filename

LOCK = Path(__file__).parents[1] / "uv.lock"
PROJECT = "hallclient"
PYTHONS = (3, 11), (3, 12), (3, 13)
_OLD_NAMES = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
# glibc 2.28 is that of Kylin V10 and UOS 20; a wheel for an older one runs there, too.
_MANYLINUX = [
    f"{name}_x86_64"
    for minor in range(28, 4, -1)
    for name in (f"manylinux_2_{minor}", *([_OLD_NAMES[minor]] if minor in _OLD_NAMES else []))
]
BUILT_FROM_SOURCE = {("linux", "pyscard")}  # set-up installs what its build needs: .setup/packages.txt

Lock = dict[str, Any]


@dataclass(frozen=True)
class Target:
    """A system and a Python, as markers and as the tags of wheels."""

    system: str
    python: tuple[int, int]

    @property
    def markers(self) -> dict[str, str]:
        windows = self.system == "windows"
        version = ".".join(map(str, self.python))
        return {
            "implementation_name": "cpython",
            "os_name": "nt" if windows else "posix",
            "platform_machine": "AMD64" if windows else "x86_64",
            "platform_python_implementation": "CPython",
            "platform_system": "Windows" if windows else "Linux",
            "python_full_version": f"{version}.0",
            "python_version": version,
            "sys_platform": "win32" if windows else "linux",
            "extra": "",
        }

    @property
    def tags(self) -> frozenset[Tag]:
        platforms = ["win_amd64"] if self.system == "windows" else _MANYLINUX
        interpreter = f"cp{self.python[0]}{self.python[1]}"
        return frozenset(
            [
                *cpython_tags(self.python, platforms=platforms),
                *compatible_tags(self.python, interpreter=interpreter, platforms=platforms),
            ]
        )


TARGETS = [Target(system, python) for system in ("windows", "linux") for python in PYTHONS]


def holds(marker: str | None, target: Target) -> bool:
    return marker is None or Marker(marker).evaluate(target.markers)


def package(lock: Lock, wanted: Lock, target: Target) -> Lock:
    """The locked package that a dependency means: of several versions the one whose markers hold."""
    (found,) = (
        candidate
        for candidate in lock["package"]
        if candidate["name"] == wanted["name"]
        and candidate["version"] == wanted.get("version", candidate["version"])
        and (
            "resolution-markers" not in candidate
            or any(holds(marker, target) for marker in candidate["resolution-markers"])
        )
    )
    return dict(found)


def installed(lock: Lock, target: Target) -> Iterator[Lock]:
    """What the project needs at run time with all of its extras, not what its developers need."""
    project = next(package for package in lock["package"] if package["name"] == PROJECT)
    extras = project.get("optional-dependencies", {})
    open_ends = [*project["dependencies"], *(wanted for extra in extras.values() for wanted in extra)]
    seen: set[tuple[str, str | None]] = set()
    while open_ends:
        wanted = open_ends.pop()
        if not holds(wanted.get("marker"), target):
            continue
        found = package(lock, wanted, target)
        for extra in (None, *wanted.get("extra", [])):
            if (found["name"], extra) in seen:
                continue
            seen.add((found["name"], extra))
            if extra is None:
                yield found
                open_ends += found.get("dependencies", [])
            else:
                open_ends += found["optional-dependencies"][extra]


def has_wheel(found: Lock, target: Target) -> bool:
    names = (wheel["url"].rpartition("/")[2] for wheel in found.get("wheels", []))
    return any(not target.tags.isdisjoint(parse_wheel_filename(name)[3]) for name in names)


def without_wheel(lock: Lock, target: Target) -> list[str]:
    return sorted(
        f"{found['name']} {found['version']}" for found in installed(lock, target) if not has_wheel(found, target)
    )


@pytest.fixture(scope="module")
def lock() -> Lock:
    return tomllib.loads(LOCK.read_text("utf-8"))


@pytest.mark.parametrize("target", TARGETS, ids=str)
def test_every_package_has_a_wheel(lock: Lock, target: Target) -> None:
    lacking = {named.split()[0] for named in without_wheel(lock, target)}
    assert lacking == {name for system, name in BUILT_FROM_SOURCE if system == target.system}


@pytest.mark.parametrize("target", TARGETS, ids=str)
def test_what_is_installed_is_what_the_project_and_its_extras_need(lock: Lock, target: Target) -> None:
    names = {found["name"] for found in installed(lock, target)}
    assert {"pyside6-essentials", "numpy", "fastapi", "dlib-bin", "shiboken6", "cffi"} <= names
    assert names.isdisjoint({"pytest", "atheris", "face-recognition", "dlib", "face-recognition-models"})
    assert names.isdisjoint({"onnx", "keyring", "stamina"})
    assert ("colorama" in names) == (target.system == "windows")  # markers are followed


def locked(wheels: list[str], **more: Any) -> Lock:
    project = {"name": PROJECT, "version": "0", "dependencies": [{"name": "thing", **more}]}
    thing = {"name": "thing", "version": "1", "wheels": [{"url": f"https://x/thing-1-{wheel}.whl"} for wheel in wheels]}
    return {"package": [project, thing]}


@pytest.mark.parametrize(
    ("wheel", "runs_on"),
    [
        ("py3-none-any", {("windows", python) for python in PYTHONS} | {("linux", python) for python in PYTHONS}),
        ("cp312-cp312-win_amd64", {("windows", (3, 12))}),
        ("cp312-abi3-win_amd64", {("windows", (3, 12)), ("windows", (3, 13))}),
        ("cp313-cp313t-win_amd64", set()),
        ("cp311-cp311-win32", set()),
        ("cp39-abi3-manylinux2014_x86_64.manylinux_2_17_x86_64", {("linux", python) for python in PYTHONS}),
        ("py3-none-manylinux_2_28_x86_64", {("linux", python) for python in PYTHONS}),
        ("cp39-abi3-manylinux_2_34_x86_64", set()),
        ("cp39-abi3-manylinux_2_28_aarch64", set()),
        ("cp39-abi3-musllinux_1_2_x86_64", set()),
    ],
)
def test_a_package_without_a_fitting_wheel_is_named(wheel: str, runs_on: set[tuple[str, tuple[int, int]]]) -> None:
    lacking = {(target.system, target.python): without_wheel(locked([wheel]), target) for target in TARGETS}
    for target, named in lacking.items():
        assert named == ([] if target in runs_on else ["thing 1"])


def test_a_package_for_another_system_needs_no_wheel() -> None:
    lock = locked([], marker="sys_platform == 'linux' and python_full_version < '3.12'")
    assert [target for target in TARGETS if without_wheel(lock, target)] == [Target("linux", (3, 11))]
