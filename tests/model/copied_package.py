"""A copy of the package to which a test adds something, and programs run on that copy."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import garland
from tests.programs import run_program, said_by

SOURCE = Path(garland.__file__).parent
HERE = Path(__file__).parent


class Copy:
    """A copy of the package; remembers which files were changed or added."""

    def __init__(self, folder: Path) -> None:
        self.package = folder / "garland"
        self.touched: set[str] = set()
        shutil.copytree(SOURCE, self.package, ignore=shutil.ignore_patterns("__pycache__"))

    def write(self, name: str, text: str) -> None:
        """Write a whole file."""
        self.touched.add(name)
        (self.package / name).write_text(text, encoding="utf-8")

    def replace(self, name: str, old: str, new: str) -> None:
        """Replace the only place at which a text stands in a file."""
        text = (self.package / name).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{name} has {old!r} {text.count(old)} times"
        self.write(name, text.replace(old, new))

    def run(self, program: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a program of this folder on the copy."""
        return run_program(HERE / program, *words, **self._environment)

    def said(self, program: str, *words: str) -> dict[str, Any]:
        """Return the JSON that a program prints last."""
        return said_by(HERE / program, *words, **self._environment)

    @property
    def _environment(self) -> dict[str, str]:
        """Compiled programs of copies stand apart: only those of a few versions are kept in one place."""
        apart = str(Path(os.environ["XDG_CACHE_HOME"]) / "copies")
        return {"PYTHONPATH": str(self.package.parent), "XDG_CACHE_HOME": apart}
