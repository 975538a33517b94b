"""The command line: ``garland consult CASE`` and its helpers.

Nothing that takes time is imported here: Ctrl-C is answered from the first moment on, while the rest loads.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence

from garland.cli.interruption import INTERRUPTED, _stoppable

USER_ERROR = 2
_COLLECTED_AFTER = 50_000
"""How many new objects make Python look for unused ones [-]."""


def _tell_of_cache() -> None:
    """Say in one line where programs had to be compiled and could not be kept; nothing else comes of it."""
    programs = sys.modules.get("garland.programs")
    if programs is not None and (why := programs.why_not_kept()):
        where = programs.programs_root()
        print(f"note: programs cannot be kept in {where} ({why}); every run compiles them", file=sys.stderr)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; an error becomes one line and an exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)

    def work() -> None:
        if arguments is None:  # few objects die young while a model is loaded and traced
            gc.set_threshold(_COLLECTED_AFTER, 20, 20)
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
        from garland.errors import GarlandError

        if not isinstance(problem, GarlandError) or "--debug" in words:
            raise
        print(f"error: {' '.join(str(problem).split())}", file=sys.stderr)
        sys.exit(USER_ERROR)
