"""Programs that tests start in a process of their own, and what they say."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any


def run_program(program: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a Python program to its end, with some environment variables changed."""
    command = [sys.executable, str(program), *words]
    return subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)


def said_by(program: Path, *words: str, **environment: str) -> dict[str, Any]:
    """Return the JSON that a program prints last; it must end well."""
    done = run_program(program, *words, **environment)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer
