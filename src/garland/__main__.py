"""``python -m garland``: the command line."""

from garland.cli import main

if __name__ == "__main__":
    main()
