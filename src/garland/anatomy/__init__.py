"""Anatomy: cord segment, root, plexus part, nerve, muscle and skin of one side, and the studies of them.

``tree.load`` gives the tables as arrays; ``path.describe_path`` tells one structure in words and numbers;
``terminology.terms`` gives the names, groups and synonyms, and needs no arrays.
"""
