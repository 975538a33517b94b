"""The command line: ``garland consult CASE`` and its helpers.

Nothing that takes time is imported here: Ctrl-C is answered from the first moment on, while the rest loads.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from garland.cli.interruption import INTERRUPTED, _stoppable

USER_ERROR = 2


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; an error becomes one line and an exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)

    def work() -> None:
        from garland.cli.commands import app

        app(args=[word for word in words if word != "--debug"], prog_name="garland")

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
