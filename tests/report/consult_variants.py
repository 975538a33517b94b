"""The made-up consult changed in one respect each."""

from __future__ import annotations

from dataclasses import replace

from garland.inference.result import Consult, SiteLoss, _FitCheck


def mirrored(result: Consult) -> Consult:
    """The same patient seen in a mirror: every lesion on the other side."""
    other = {"left": "right", "right": "left"}
    return replace(result, lesions=tuple(replace(loss, side=other[loss.side]) for loss in result.lesions))


def empty(result: Consult) -> Consult:
    """The same consult with nothing to list."""
    return replace(
        result,
        lesions=(),
        findings=(),
        next_tests=(),
        not_used=(),
        basis=(),
        published_diagnosis=None,
        summary="",
        plan=None,
    )


def nothing_to_test(result: Consult) -> Consult:
    """The same consult with tests that tell nothing."""
    assert result.plan
    dull = tuple(replace(test, bits=0.001) for test in result.plan.ranking)
    return replace(result, next_tests=(), plan=replace(result.plan, ranking=dull, chosen=()))


def misfit(result: Consult) -> Consult:
    """The same consult, explained by no modelled cause."""
    message = "No modelled cause explains these findings: the best is as odd once in 500 patients."
    return replace(
        result, fit=_FitCheck(False, 0.002, message, ("MRI, psoas muscle", "glucose tolerance test, 2 h"))
    )


def widespread(result: Consult) -> Consult:
    """The same consult with loss in the cord, in the arm and in the left leg too."""
    sites = (
        ("cord-bulbar", "bulbar motor neurons", "cord", 0.22),
        ("cord-C6", "C6 anterior horn", "cord", 0.31),
        ("cord-C8", "C8 anterior horn", "cord", 0.57),
        ("cord-Th", "thoracic anterior horn", "cord", 0.18),
        ("cord-L3", "L3 anterior horn", "cord", 0.44),
        ("cord-S1", "S1 anterior horn", "cord", 0.26),
        ("root-C6", "C6 root", "root", 0.13),
        ("dorsal-ramus-Th", "thoracic dorsal rami", "root", 0.15),
        ("ulnar-elbow", "ulnar nerve at the elbow", "nerve", 0.42),
        ("median-wrist", "median nerve at the wrist", "nerve", 0.33),
    )
    more = tuple(
        SiteLoss(
            site,
            label,
            part,
            side,
            mean * scale,
            mean * scale * 0.4,
            min(1.0, mean * scale * 1.7),
            0.5 * scale,
        )
        for site, label, part, mean in sites
        for side, scale in (("left", 1.0), ("right", 0.3))
    )
    return replace(result, lesions=more + result.lesions)


def everywhere(result: Consult) -> Consult:
    """The same consult with thirty sites of the roots struck, the later ones a little more."""
    sites = (
        (f"{part}-{segment}", f"{segment} {part.replace('-', ' ')}")
        for part in ("ventral-root", "dorsal-root", "ganglion", "spinal-nerve", "dorsal-ramus")
        for segment in ("L1", "L2", "L3", "L4", "L5", "S1")
    )
    more = tuple(
        SiteLoss(site, label, "root", side, 0.35 + 0.0005 * rank, 0.1, 0.6, 0.9)
        for rank, (site, label) in enumerate(sites)
        for side in ("left", "right")
    )
    return replace(result, lesions=more)
