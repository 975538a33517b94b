"""Strips beside the lesion map: anterior horns, roots above L1, and the nerves of arm and tongue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from garland.inference.result import SiteLoss
from garland.report.selection import is_shown, percent, site_words
from garland.report.svg import element, figure, level, text

STRIP_SEGMENTS = (
    "bulbar",
    "C5",
    "C6",
    "C7",
    "C8",
    "T1",
    "Th",
    "L1",
    "L2",
    "L3",
    "L4",
    "L5",
    "S1",
    "S2",
    "S3",
)
STRIP_ROOTS = ("C5", "C6", "C7", "C8", "T1", "Th")
STRIP_NERVES = (
    "axillary",
    "musculocutaneous",
    "radial",
    "median-forearm",
    "median-wrist",
    "ulnar-elbow",
    "ulnar-wrist",
    "pectoral",
    "hypoglossal",
)


def side_strips(lesions: Iterable[SiteLoss]) -> tuple[str, ...]:
    """Draw strips for the cord, the roots above L1 and the nerves of arm and tongue, each only when
    involved.
    """
    table = {(loss.site.lower(), loss.side): loss for loss in lesions}
    columns = (
        ("Anterior horn", [(name, f"cord-{name.lower()}") for name in STRIP_SEGMENTS]),
        (
            "Roots and dorsal rami",
            [(f"{name} root", f"root-{name.lower()}") for name in STRIP_ROOTS]
            + [("Th ramus", "dorsal-ramus-th")],
        ),
        ("Arm and tongue", [(name.replace("-", " "), name) for name in STRIP_NERVES]),
    )
    return tuple(
        _strip(title, rows, table)
        for title, rows in columns
        if any(is_shown(table.get((site, side))) for _name, site in rows for side in ("left", "right"))
    )


def _strip(title: str, rows: list[tuple[str, str]], table: Mapping[tuple[str, str], SiteLoss]) -> str:
    """Draw one strip: a row for each site, its name in the middle, the patient's right at the left."""
    cells = [text("text", title, "strip-title", x=150.0, y=14.0)]
    cells += [text("text", side, "strip-side", x=x, y=32.0) for side, x in (("right", 46.0), ("left", 254.0))]
    for index, (name, site) in enumerate(rows):
        y = 40.0 + 21.0 * index
        cells.append(text("text", name, "strip-name", x=150.0, y=y + 13.0))
        for side, x in (("right", 4.0), ("left", 212.0)):
            cells.append(_cell(table.get((site, side)), x, y))
    return figure(
        f"{title}: mean loss on both sides", "".join(cells), (0, 0, 300, 44 + 21 * len(rows)), "strip"
    )


def _cell(loss: SiteLoss | None, x: float, y: float) -> str:
    """Draw one cell of a strip: colour by mean loss, with the number in it."""
    if loss is None:
        return element("rect", cls="cell unknown", x=x, y=y, width=84.0, height=18.0, rx=3.0)
    step = level(loss.mean)
    box = element("rect", cls=f"cell l{step}", x=x, y=y, width=84.0, height=18.0, rx=3.0)
    number = text("text", percent(loss.mean), f"cell-number on{step}", x=x + 42.0, y=y + 13.0)
    return element("g", text("title", site_words(loss)) + box + number, "site")
