"""Code in the documents is run by the tests; compiled programs are kept and shared by all test workers."""

from __future__ import annotations

import os
from pathlib import Path

from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

CACHE = Path(__file__).parent / ".cache"
# Workers and the programs that tests start run the same model: whoever compiles it first keeps it for all.
os.environ.setdefault("XDG_CACHE_HOME", str(CACHE))
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(CACHE / "compiled"))
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.3")

pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser()],
    patterns=["README.md", "CONTRIBUTING.md", "DESIGN.md"],
).pytest()
