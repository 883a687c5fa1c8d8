"""What stands behind the login window brings nothing heavy with it."""

import json
import subprocess
import sys

import pytest

# Seconds of imports: PDF and its signatures, pictures, the models.
HEAVY = ("fpdf", "fontTools", "pyhanko", "aiohttp", "cv2", "onnx", "av", "smartcard", "drivers")


def loaded_by(code: str) -> set[str]:
    program = f"import sys, json\n{code}\nprint(json.dumps(list(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, check=True, timeout=120)
    return {name.partition(".")[0] for name in json.loads(done.stdout)}


@pytest.mark.parametrize("code", ["import ui.app", "from hallclient.cli import _app; _app('run')"])
def test_the_login_window_needs_nothing_heavy(code: str) -> None:
    assert not loaded_by(code) & set(HEAVY)


def test_the_domain_brings_no_library_that_does_anything() -> None:
    code = (
        "import pkgutil, importlib, hallclient.domain as domain\n"
        "for module in pkgutil.walk_packages(domain.__path__, 'hallclient.domain.'):\n"
        "    importlib.import_module(module.name)"
    )
    loaded = loaded_by(code)
    assert "hallclient" in loaded
    assert not loaded & {*HEAVY, "asyncio", "httpx", "logging", "numpy", "sqlite3", "subprocess"}
