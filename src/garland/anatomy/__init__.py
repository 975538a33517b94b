"""Anatomy: cord segment, root, plexus part, nerve, muscle and skin of one side, and the studies of them.

Public   ``load`` gives the tables as arrays; ``describe_path`` tells one structure in words and numbers.
"""

from garland.anatomy.path import PathDescription, describe_path
from garland.anatomy.tree import load

__all__ = ["PathDescription", "describe_path", "load"]
