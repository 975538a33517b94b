"""How many healthy people of the model fall outside each published limit of normal.

    .venv/bin/python -m experiments.reference [PEOPLE]

A one-sided limit at the 97th centile should leave 2 to 5 in a hundred outside; what does not is starred.
"""

from __future__ import annotations

import sys

from experiments.reference_check import _check, _healthy_people, _table

PEOPLE = 4000


def main() -> None:
    """Print the table."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE
    print(f"{n} healthy adults, one laboratory")
    print(_table(_check(_healthy_people(n))))


if __name__ == "__main__":
    main()
