"""The consult as one self-contained HTML page: no script, no network, light and dark, phone and paper."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from markupsafe import Markup

from garland.inference.result import Consult, SiteLoss
from garland.report.common import pages, words
from garland.report.consult import bars, content, lesion_map, selection
from garland.report.consult.content import _doubts_html, _render_plan


def _side_strips(lesions: Iterable[SiteLoss]) -> list[Markup]:
    return [Markup(strip) for strip in bars._side_strips(lesions)]


def render_consult(result: Consult) -> str:
    """Render a consult as one HTML page."""
    result = selection._readable(result)
    causes = selection._fold_causes(result)
    tests = selection._telling_tests(result)
    drawings = (
        bars._cause_bar,
        bars._loss_bar,
        bars._bits_bar,
        bars._information_bar,
        lesion_map._lesion_map,
    )
    first, second = (*selection._listed_causes(result)[:2], None, None)[:2]
    known = {"legend": lesion_map._legend, "side_strips": _side_strips}
    return pages.page_template("consult.html.j2", ("style.css",), drawings, **known).render(
        result=result,
        s=pages.template_names(words, selection),
        causes=causes,
        leader=causes.shown[0] if causes.shown else None,
        runner_up=causes.shown[1] if len(causes.shown) > 1 else None,
        first=first,
        second=second,
        groups=selection._lesion_groups(result.lesions),
        widespread=selection._spread_words(result.lesions),
        on_map=any(lesion_map._is_on_map(loss) for loss in result.lesions if selection._is_shown(loss)),
        worst=selection._worst_sites(result.lesions),
        findings=selection._finding_groups(result.findings),
        tests=tests,
        why=result.explanation,
        v=pages.template_names(content),
        plan=Markup(_render_plan(result.plan)) if result.plan else "",
        doubts=_doubts_html(result.doubts) if result.doubts else "",
    )


def write_html(result: Consult, path: Path) -> None:
    """Write a consult as one HTML page; an existing file is replaced at once or not at all.

    Parameters
    ----------
    result : Consult
        The answer to one case.
    path : Path
        File to write; its folder must exist.

    Raises
    ------
    InputError
        Where the folder does not exist.
    """
    pages.write_page(render_consult(result), path)
