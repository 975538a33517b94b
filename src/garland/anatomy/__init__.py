"""Anatomy: cord segment, root, plexus part, nerve, muscle and skin of one side, and the studies of them.

Reads    evidence/anatomy.   Feeds  fibres, bedside, recordings, causes (names only), report.
Public   ``load`` gives the tables as arrays; ``describe_path`` tells one structure in words and numbers.
Numbers  evidence/anatomy/*.yaml
"""

from garland.anatomy.path import PathDescription, describe_path
from garland.anatomy.tree import Anatomy, load

__all__ = ["Anatomy", "PathDescription", "describe_path", "load"]
