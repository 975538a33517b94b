"""What 75 patients could see of methylprednisolone, and how many it takes, under stated effects.

    .venv/bin/python -m experiments.trial_example [trials]

The shipped trial `methylprednisolone-75` with its own outcome, and with three others in the same patients.
Patients and finished trials stay in build/trial_example, so that a run that was stopped goes on. Effects are
stated, not found: nobody knows what methylprednisolone does in this disease.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from experiments.progress_lines import told_in_lines
from garland.records.reading import find_spec
from garland.report.trial import content as v
from garland.trials.characteristics import Characteristics, _characteristics
from garland.trials.potential_outcomes import _Bank, _load, _make_bank
from garland.trials.replicate import _Workshop
from garland.trials.run import _design_hash, outcome_words, truth_words
from garland.trials.spec import TrialSpec

FOLDER = Path("build/trial_example")
OUTCOMES = (
    {"what": "nis-gain", "points": 4},
    {"what": "pain-responder", "share": 0.5, "day": 84},
    {"what": "walks-alone", "day": 182},
    {"what": "nis-change", "day": 182},
)
TRUTHS = ("none", "as-modelled", "small", "moderate", "large")


def main() -> None:
    """Print power, the effect that can be seen, and the patients needed, by outcome and truth."""
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    start = time.perf_counter()
    shipped = find_spec(TrialSpec, "methylprednisolone-75", "trial", "trial")
    bank = _bank(shipped)
    for outcome in OUTCOMES:
        spec = TrialSpec.model_validate(shipped.model_dump() | {"outcome": outcome, "trials": trials})
        shop = _Workshop(spec, FOLDER / f"{outcome['what']}-{_design_hash(spec)[:12]}")
        bank.save(shop.bank_path)
        found = [_characteristics(shop, bank, truth) for truth in TRUTHS]
        _print(spec, found)
    print(f"\n{trials} trials each, {bank.size} patients, {time.perf_counter() - start:.0f} s")


def _bank(spec: TrialSpec) -> _Bank:
    path = FOLDER / f"bank-{_design_hash(spec)[:12]}.npz"
    if not path.exists():
        with told_in_lines():
            _make_bank(spec).save(path)
    return _load(path)


def _print(spec: TrialSpec, found: list[Characteristics]) -> None:
    what = spec.outcome.what
    seen = v._effect_words(what, found[0].detectable)
    print(f"\n{outcome_words(spec)}\n  error of the first kind {v._share_words(found[0].power)}")
    print(f"  {spec.patients} patients give 80 % power to a true {v.EFFECT_NAMES[what]} of {seen}")
    power = f"power, {spec.patients}"
    print(f"  {'truth':12} {'exact effect':>24} {power:>18} {'for 80 %':>28} closed form")
    for one in found:
        closed = "–" if one.truth == "none" else v._sizes_words(one.closed_size)
        effect = v._effect_words(what, one.exact.effect)
        power, needed = v._share_words(one.power), v._needed_words(one)
        print(f"  {one.truth:12} {effect:>24} {power:>18} {needed:>28} {closed}")
    if what == "nis-gain":
        print("  " + "; ".join(f"{one.truth}: {truth_words(spec, one.truth)}" for one in found))


if __name__ == "__main__":
    main()
