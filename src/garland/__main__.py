"""``python -m garland``: the command line.

Reads    cli.   Feeds  people.
"""

from garland.cli import main

if __name__ == "__main__":
    main()
