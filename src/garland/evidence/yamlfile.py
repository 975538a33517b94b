"""Reading of one YAML file, with repeated keys refused."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from garland.errors import EvidenceError

if TYPE_CHECKING:
    from yaml import SafeLoader as _Base
else:
    _Base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):
    """Safe loader that refuses a key written twice in one mapping."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Build one mapping from `node` (values too if `deep`); a repeated key raises ``EvidenceError``."""
        mapping = super().construct_mapping(node, deep=deep)
        if len(mapping) != len(node.value):
            keys = [key.value for key, _ in node.value]
            twice = sorted({key for key in keys if keys.count(key) > 1})
            line = node.start_mark.line + 1
            raise EvidenceError(f"line {line}: key {', '.join(twice)} is written twice; keep one")
        return mapping


def read_yaml(path: Path) -> Any:
    """Read one YAML file into plain values."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as problem:
        raise EvidenceError(f"{path}: cannot be read ({problem.strerror}); check the name") from problem
    try:
        return yaml.load(text, Loader=_Loader)
    except yaml.YAMLError as problem:
        where = " ".join(str(problem).split())
        raise EvidenceError(f"{path}: is not YAML ({where}); quote texts with a colon or comma") from problem
    except EvidenceError as problem:
        raise EvidenceError(f"{path}: {problem}") from None
