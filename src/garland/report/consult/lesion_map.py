"""The lesion map: both sides of the lumbosacral paths on an outline of the body, with its legend."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

import yaml

from garland.inference.result import SiteLoss
from garland.report.common.svg import clip, element, figure, spread_apart, text
from garland.report.common.words import percent
from garland.report.consult.bars import LOSS_STEPS, _level, _level_words
from garland.report.consult.selection import _interval, _is_shown, _plain_label, _site_words

WIDE_INTERVAL = 0.5
CALLOUT_HEIGHT = 35.0
MAX_CALLOUTS = 12
ROOT_PARTS = ("ventral-root", "dorsal-root", "ganglion", "spinal-nerve", "dorsal-ramus")
ROOT_WORDS = {
    "ventral-root": "ventral",
    "dorsal-root": "dorsal",
    "ganglion": "ganglion",
    "spinal-nerve": "spinal",
    "dorsal-ramus": "ramus",
}


class _Callout(NamedTuple):
    """A label beside the map: words, numbers, the point it belongs to, and the largest loss it names."""

    words: str
    numbers: str
    x: float
    y: float
    mean: float


Shape = Mapping[str, Any]
Losses = Mapping[str, SiteLoss]


@lru_cache(maxsize=1)
def _body_map() -> dict[str, Any]:
    """Return the drawing coordinates of the map (see the head of the file for their meaning)."""
    words = files("garland.report").joinpath("page/body_map.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(words)
    return loaded


def _lesion_map(lesions: Iterable[SiteLoss]) -> str:
    """Draw both sides of the paths from L1 to S3, coloured and thickened by mean loss."""
    view = _body_map()["view"]
    by_side: dict[str, dict[str, SiteLoss]] = {"left": {}, "right": {}}
    for loss in lesions:
        by_side.setdefault(loss.side, {})[loss.site.lower()] = loss
    halves = "".join(_half(by_side[side], side) for side in ("right", "left")) + _segments(by_side)
    labels = "".join(_callouts(by_side[side], side) for side in ("right", "left"))
    width, top, height = view["half_width"], -34, view["height"] + 34
    return figure(
        _map_words(by_side), _spine(view) + halves + labels, (-width, top, 2 * width, height), "lesion-map"
    )


def _is_on_map(loss: SiteLoss) -> bool:
    """Whether a site has a path of its own on the map; the anterior horns only colour the segments' names."""
    shapes = _body_map()
    segments = {segment.lower() for segment in shapes["segments"]}
    site = loss.site.lower()
    part, _, segment = site.rpartition("-")
    return site in shapes["back"] or site in shapes["front"] or (part in ROOT_PARTS and segment in segments)


def _map_words(by_side: Mapping[str, Losses]) -> str:
    """Return what the map shows, for a reader who does not see it."""
    stated = [
        _site_words(loss) for side in ("right", "left") for loss in by_side[side].values() if _is_shown(loss)
    ]
    listed = "; ".join(stated) if stated else "no site reaches the limit for being shown"
    return f"Lesion map, anterior view, the patient's right at the reader's left: {listed}."


def _spine(view: Shape) -> str:
    """Draw outline, pelvis, sacrum and vertebrae with the segments' names, and the names of the sides."""
    shapes = _body_map()
    sides = "".join(
        text("text", f"Patient’s {side}", "side-name", x=sign * 92.0, y=-12.0)
        for side, sign in (("right", -1), ("left", 1))
    )
    outline = "".join(
        element(
            "g",
            element("path", cls="body", d=shapes["outline"])
            + element("path", cls="bone", d=shapes["pelvis"]),
            **mirror,
        )
        for mirror in ({}, {"transform": "scale(-1,1)"})
    )
    return outline + element("path", cls="bone", d=shapes["sacrum"]) + sides


def _segments(by_side: Mapping[str, Losses]) -> str:
    """Draw a vertebra with its name for every segment, its edges coloured by loss in the anterior horns."""
    drawn = []
    for name, (y, _end) in _body_map()["segments"].items():
        drawn.append(element("rect", cls="vertebra", x=-17.0, y=y - 11.0, width=34.0, height=22.0, rx=5.0))
        for side, x in (("right", -17.0), ("left", 11.0)):
            loss = by_side[side].get(f"cord-{name.lower()}")
            if loss and _level(loss.mean):
                css = f"dot l{_level(loss.mean)}"
                horn = element("rect", cls=css, x=x, y=y - 11.0, width=6.0, height=22.0, rx=2.0)
                drawn.append(element("g", text("title", _site_words(loss)) + horn, "site"))
        drawn.append(text("text", name, "segment", x=0.0, y=y + 4.5))
    return "".join(drawn)


def _half(losses: Losses, side: str) -> str:
    """Draw one side: nerves behind, roots, nerves in front; the right side is the mirror image."""
    shapes = _body_map()
    drawn = (
        _nerves(shapes["back"], losses, side) + _roots(losses, side) + _nerves(shapes["front"], losses, side)
    )
    turn = {"transform": "scale(-1,1)"} if side == "right" else {}
    return element("g", drawn, f"half {side}", **turn)


def _nerves(shapes: Shape, losses: Losses, side: str) -> str:
    """Draw the given nerves and plexus parts, the less damaged ones first."""
    order = sorted(shapes, key=lambda site: losses[site].mean if site in losses else 0.0)
    return "".join(_site(site, shapes[site]["d"], losses.get(site), side) for site in order)


def _roots(losses: Losses, side: str) -> str:
    """Draw every segment's ventral and dorsal root, ganglion, spinal nerve and dorsal ramus."""
    drawn = []
    for segment, (y, end) in _body_map()["segments"].items():
        step = 5 if segment.startswith("S") else 7
        paths = {
            "ventral-root": f"M18,{y - step} L34,{y - step} Q40,{y - step} 46,{y + 2}",
            "dorsal-root": f"M18,{y + step} L34,{y + step} Q42,{y + step} 46,{y + 3}",
            "dorsal-ramus": f"M50,{y + 6} L46,{y + 17}",
            "spinal-nerve": f"M46,{y + 2} C54,{y + 6} 58,{end - 3} 67,{end}",
        }
        for part, d in paths.items():
            site = f"{part}-{segment}".lower()
            if part != "dorsal-ramus" or site in losses:
                drawn.append(_site(site, d, losses.get(site), side, widest=7.0))
        drawn.append(_ganglion(losses.get(f"ganglion-{segment.lower()}"), y + step))
    return "".join(drawn)


def _ganglion(loss: SiteLoss | None, y: float) -> str:
    """Draw a dorsal root ganglion."""
    mean = clip(loss.mean) if loss else 0.0
    dot = element(
        "circle",
        text("title", _site_words(loss)) if loss else "",
        f"dot l{_level(mean)}",
        cx=35.0,
        cy=float(y),
        r=3.0 + 2.5 * mean,
    )
    return element("g", dot, "site")


def _site(site: str, d: str, loss: SiteLoss | None, side: str, widest: float = 10.0) -> str:
    """Draw one site: a halo over what it crosses, the coloured line, stripes where the interval is wide."""
    mean = clip(loss.mean) if loss else 0.0
    thin = 2.0 if _level(mean) == 0 else 3.0
    width = thin + (widest - thin) * mean if _level(mean) else thin
    lines = (
        text("title", _site_words(loss))
        if loss
        else text("title", f"{side} {site.replace('-', ' ')}: not reported")
    )
    lines += element("path", cls="halo", d=d, stroke_width=width + 3.0)
    lines += element("path", cls=f"line l{_level(mean)}", d=d, stroke_width=width)
    if loss and _level(mean) and loss.high - loss.low > WIDE_INTERVAL:
        lines += element("path", cls="stripes", d=d, stroke_width=width + 0.5)
    return element("g", lines, "site")


def _callouts(losses: Losses, side: str) -> str:
    """Write the losses worth a line beside the map, each tied to its place."""
    found = sorted(_root_callouts(losses) + _nerve_callouts(losses), key=lambda callout: -callout.mean)[
        :MAX_CALLOUTS
    ]
    found.sort(key=lambda callout: callout.y)
    sign = -1 if side == "right" else 1
    heights = spread_apart(
        [callout.y for callout in found], CALLOUT_HEIGHT, 0.0, _body_map()["view"]["height"] - 30.0
    )
    return "".join(_callout(callout, y, sign) for callout, y in zip(found, heights, strict=True))


def _callout(callout: _Callout, y: float, sign: int) -> str:
    """Write one label with its leader line."""
    edge = float(_body_map()["view"]["gutter"])
    leader = element(
        "polyline",
        cls="leader",
        points=f"{sign * (edge + 8)},{y:.1f} {sign * edge},{y:.1f} {sign * callout.x},{callout.y}",
    )
    anchor = "start" if sign > 0 else "end"
    words = text("text", callout.words, "callout-name", x=sign * (edge + 14), y=y - 2.0)
    numbers = text("text", callout.numbers, "callout-numbers", x=sign * (edge + 14), y=y + 13.0)
    pin = element("circle", cls="pin", cx=float(sign * callout.x), cy=float(callout.y), r=2.2)
    return element("g", leader + pin + words + numbers, f"callout to-{anchor}")


def _nerve_callouts(losses: Losses) -> list[_Callout]:
    """Return the labels of plexus parts and nerves."""
    shapes = {**_body_map()["back"], **_body_map()["front"]}
    return [
        _Callout(
            _short(_plain_label(loss)), f"{percent(loss.mean)} lost ({_interval(loss)})", x, y, loss.mean
        )
        for site, loss in losses.items()
        if site in shapes and _is_shown(loss)
        for x, y in [shapes[site]["at"]]
    ]


def _root_callouts(losses: Losses) -> list[_Callout]:
    """Return one label for each segment whose roots are worth a line, naming the parts that are."""
    labels = []
    for segment, (y, end) in _body_map()["segments"].items():
        shown = {
            part: loss
            for part in ROOT_PARTS
            if _is_shown(loss := losses.get(f"{part}-{segment.lower()}")) and loss is not None
        }
        if shown:
            numbers = _root_numbers(shown)
            x, at = (58.0, (y + end) / 2 + 2) if "spinal-nerve" in shown else (30.0, float(y))
            labels.append(
                _Callout(f"{segment} root", numbers, x, at, max(loss.mean for loss in shown.values()))
            )
    return labels


def _root_numbers(shown: Losses) -> str:
    """Return the losses of a segment's two worst root parts, and how many more there are."""
    worst = sorted(shown, key=lambda part: -shown[part].mean)
    stated = " · ".join(f"{ROOT_WORDS[part]} {percent(shown[part].mean)}" for part in worst[:2])
    return stated + " lost" + (f" · {len(worst) - 2} more" if len(worst) > 2 else "")


def _short(words: str, most: int = 34) -> str:
    """Return words that fit the gutter, the first letter large; notes in brackets go, then lesser words."""
    words = re.sub(r" \([^)]*\)", "", words)
    for needless in (r", (?!.*, ).*", " nerve(?= )", " at the .*| in the .*"):
        if len(words) > most:
            words = re.sub(needless, "", words)
    words = words[:1].upper() + words[1:]
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


def _legend() -> tuple[tuple[str, str], ...]:
    """Draw the loss scale."""
    edges = (0.0, *LOSS_STEPS, 1.0)
    samples = []
    for step in range(len(LOSS_STEPS) + 1):
        width = 2.0 if step == 0 else 3.0 + 7.0 * (edges[step] + edges[step + 1]) / 2
        samples.append((_sample(f"line l{step}", width), f"{_level_words(step)} %"))
    striped = _sample("line l3", 7.0, element("path", cls="stripes", d="M6,8 h44", stroke_width=7.5))
    return (*samples, (striped, "uncertain"))


def _sample(css: str, width: float, over: str = "") -> str:
    """Draw a short line as a sample for the legend; its words stand beside it."""
    line = element("path", cls=css, d="M6,8 h44", stroke_width=width)
    return element("svg", line + over, "sample", viewBox="0 0 56 16", aria_hidden="true")
