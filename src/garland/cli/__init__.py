"""The command line: ``garland consult CASE`` and its helpers.

Nothing that takes time is imported here: Ctrl-C is answered from the first moment on, while the rest loads.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress

from garland.cli.interruption import INTERRUPTED, _stoppable

USER_ERROR = 2
_COLLECTED_AFTER = 50_000
"""How many new objects make Python look for unused ones [-]."""
_HEAPS_AT_MOST = -8
"""Setting of glibc: how many heaps threads share; else each has its own, and a consult takes 100 MB more."""


def _use_memory_sparingly() -> None:
    """Have threads share heaps, and look for unused objects seldom: few die young while a model is loaded."""
    gc.set_threshold(_COLLECTED_AFTER, 20, 20)
    if sys.platform == "linux":
        from ctypes import CDLL

        with suppress(AttributeError, OSError):  # another library of C has no such setting
            CDLL(None).mallopt(_HEAPS_AT_MOST, max(os.cpu_count() or 1, 2))


def _tell_of_cache() -> None:
    """Say in one line where programs had to be compiled and could not be kept; nothing else comes of it."""
    programs = sys.modules.get("garland.programs")
    if programs is not None and (why := programs.why_not_kept()):
        where = programs.programs_root()
        print(f"note: programs cannot be kept in {where} ({why}); every run compiles them", file=sys.stderr)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; an error becomes a line for each fault and an exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)

    def work() -> None:
        if arguments is None:  # this process is ours
            _use_memory_sparingly()
        from garland.cli.commands import app

        try:
            app(args=[word for word in words if word != "--debug"], prog_name="garland")
        finally:
            _tell_of_cache()

    try:
        _stoppable(work, to_the_end=arguments is None)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except Exception as problem:
        from garland.errors import GarlandError, InputErrors

        if not isinstance(problem, GarlandError) or "--debug" in words:
            raise
        faults = str(problem).splitlines() if isinstance(problem, InputErrors) else [str(problem)]
        print("error: " + "\n  ".join(" ".join(line.split()) for line in faults), file=sys.stderr)
        sys.exit(USER_ERROR)
