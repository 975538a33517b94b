"""A study of the EMG laboratory as PDF on A4, set with Typst: the same tables and plates as the page.

Texts reach the template as data, never as markup, so that nothing in them is taken for a command.
"""

from __future__ import annotations

import importlib
import json
from typing import Any

from garland.edx_study.records import EdxStudy
from garland.errors import InputError
from garland.inference.result import NOTICE
from garland.report.common import pages
from garland.report.study import content as values
from garland.report.study.html import _Group, _groups
from garland.report.study.plates import _on_paper


def render_study_pdf(study: EdxStudy) -> bytes:
    """Render a study as PDF."""
    made: bytes = _compiled(study, "pdf")
    return made


def _compiled(study: EdxStudy, form: str, ppi: float = 144.0) -> Any:
    """Return a study set on pages."""
    typst = _typst()
    data = json.dumps(_data(study), ensure_ascii=False)
    template = pages.read_page_part("study.typ").encode("utf-8")
    return typst.compile(template, format=form, ppi=ppi, sys_inputs={"data": data})


def _typst() -> Any:
    """Return the package that sets the pages."""
    try:
        return importlib.import_module("typst")
    except ImportError as problem:
        raise InputError(
            "--write",
            "pdf",
            "needs the package typst, which is not installed",
            "run pip install 'garland[pdf]'",
        ) from problem


def _data(study: EdxStudy) -> dict[str, Any]:
    """Return what the template needs, as plain values."""
    return {
        "title": study.title,
        "notice": NOTICE,
        "version": study.version,
        "seed": str(study.seed),
        "facts": values._facts(study),
        "legend": values.LEGEND,
        "legend_note": values.LEGEND_NOTE,
        "sheets": [_sheet(sheet) for sheet in values._sheets(study)],
        "groups": [_group(group) for group in _groups(study.plates)],
        "sounds": bool(study.sounds),
        "summary": study.summary,
        "impression": study.impression,
        "limitations": study.limitations,
        "assumed": study.assumed,
        "sources": study.sources,
    }


def _sheet(sheet: values._Sheet) -> dict[str, Any]:
    """Return a table as plain values."""
    blocks = [
        {
            "title": block.title,
            "lines": [
                {"head": line.head, "note": line.note, "cells": [cell._asdict() for cell in line.cells]}
                for line in block.lines
            ],
        }
        for block in sheet.blocks
    ]
    return {**sheet._asdict(), "blocks": blocks}


def _group(group: _Group) -> dict[str, Any]:
    """Return drawings as plain values, each with a style of its own."""
    drawn = [
        {"title": one.title, "panels": [_on_paper(panel) for panel in one.panels]} for one in group.drawn
    ]
    return {**group._asdict(), "drawn": drawn}
