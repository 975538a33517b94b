"""Does a change of the code leave what the program says as it was?

``python experiments/golden.py keep FOLDER`` stores what the commands of this checkout answer;
``compare FOLDER`` makes it anew and lists what moved: bytes where bytes are promised, 1e-6 elsewhere.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import io
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CASES = ("04", "01", "16", "18", "25", "39", "41", "44")
COURSES = (
    "--cause dlrpn --age 66 --hba1c 8 --arm therapy --months 24",
    "--cause gbs --months 12 --seed 3",
    "--cause motor-neuron-disease --months 12 --seed 5",
)
STUDIES = (
    "dlrpn --day 60 --protocol lumbosacral-plexus",
    "femoral --protocol femoral --seed 2",
    "cidp --protocol polyneuropathy --seed 3",
)
QUICK = ("consult-04", "consult-16", "patient-0", "record-0", "cohort")
TOLERANCE = 1e-6
RENAMED = {"chance": "plausibility"}
VOLATILE = (
    "seconds",
    "elapsed",
    "per_second",
    "version",
    "folder",
    "written",
    "html",
    "out",
    "path",
    "looking",
    "sampling",
)


def jobs() -> dict[str, str]:
    """Return the command line of every answer, by name."""
    every = {f"consult-{case}": f"consult {case} --json" for case in CASES}
    every |= {f"patient-{i}": f"patient {words} --json" for i, words in enumerate(COURSES)}
    every |= {
        f"record-{i}": f"record {words} --write case,sound,edf --out OUT/study --json"
        for i, words in enumerate(STUDIES)
    }
    every["cohort"] = "cohort SPEC/cohort.yaml --out OUT/cohort --workers 1 --json"
    every["trial"] = "trial SPEC/trial.yaml --trials 40 --json"
    every["validate"] = "validate --n 500 --json"
    return every


SPECS = {
    "cohort.yaml": (
        "{garland_cohort: 1, name: small, seed: 1, size: 400, "
        "people: {source: referral, setting: emg-laboratory}, visits: [0], missing: 0.1, "
        "measures: [nis, pain_nrs, examination, conduction, needle, laboratory]}\n"
    ),
    "trial.yaml": (
        "{garland_trial: 1, name: small, description: small, seed: 0, patients: 60, "
        "arms: {pregabalin: pregabalin 300 mg/d from day 0, placebo: none}, control: placebo, blinded: true, "
        "eligibility: {causes: [dlrpn], least_pain_nrs: 4, day_since_onset: [14, 365]}, "
        "randomisation: {method: stratified, strata: [age, walking], block_size: 4}, "
        "visits: [14, 28, 56, 84], outcome: {what: pain-responder, share: 0.5, day: 84}, "
        "truths: {as-modelled: as-modelled}, trials: 40, bank: 400, sizes: [60, 120]}\n"
    ),
}


def answer(command: str) -> dict[str, Any]:
    """Run one command and return its JSON, and the digest of every file that it wrote."""
    from garland.cli import main

    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for name, text in SPECS.items():
            (home / name).write_text(text, encoding="utf-8")
        words = command.replace("OUT/", f"{home}/out-").replace("SPEC/", f"{home}/").split()
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()) as stated:
            try:
                main(words)
            except SystemExit as end:
                if end.code not in (0, None, 3):
                    raise RuntimeError(f"{command}: {stated.getvalue()}") from end
        files = {
            str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(home.rglob("*"))
            if path.is_file()
            and path.suffix in (".edf", ".wav", ".parquet", ".csv", ".yaml")
            and path.name not in SPECS
        }
        return {"json": json.loads(printed.getvalue().replace(folder, "FOLDER")), "files": files}


def differences(old: Any, new: Any, at: str = "") -> Iterator[str]:
    """Yield every place at which two answers differ."""
    key = at.rpartition(".")[2]
    if any(word in key for word in VOLATILE) and not isinstance(old, dict | list):
        return
    if isinstance(old, dict) and isinstance(new, dict):
        old = {RENAMED.get(name, name): value for name, value in old.items()}
        for name in sorted({*old, *new}):
            if name not in old or name not in new:
                yield f"{at}.{name}: {'came' if name in new else 'went'}"
            else:
                yield from differences(old[name], new[name], f"{at}.{name}")
    elif isinstance(old, list) and isinstance(new, list):
        if len(old) != len(new):
            yield f"{at}: {len(old)} entries, now {len(new)}"
        for index, (one, other) in enumerate(zip(old, new, strict=False)):
            yield from differences(one, other, f"{at}.{index}")
    elif isinstance(old, float | int) and isinstance(new, float | int):
        if abs(old - new) > TOLERANCE * max(abs(old), abs(new), 1.0):
            yield f"{at}: {old:.9g} -> {new:.9g}"
    elif old != new:
        yield f"{at}: {str(old)[:150]!r} -> {str(new)[:150]!r}"


def main_golden() -> int:
    """Keep or compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("keep", "compare"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="*", default=[], help="names of answers, or quick")
    parser.add_argument("--show", type=int, default=8, help="differences shown for each answer")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    chosen = [n for word in given.only for n in (QUICK if word == "quick" else [word])] or list(jobs())
    moved = 0
    for name in chosen:
        file, start = given.folder / f"{name}.json", time.process_time()
        if given.what == "keep" and file.exists():
            continue
        try:
            found = answer(jobs()[name])
        except Exception as error:  # noqa: BLE001 - one command that fails must not hide the others
            print(f"{name}: FAILED {type(error).__name__}: {str(error)[-600:]}", flush=True)
            moved += 1
            continue
        took = f"{time.process_time() - start:.0f} CPU s"
        if given.what == "keep":
            file.write_text(json.dumps(found, sort_keys=True), encoding="utf-8")
            print(f"{name}: kept, {took}", flush=True)
            continue
        lines = list(differences(json.loads(file.read_text(encoding="utf-8")), found))
        moved += bool(lines)
        print(f"{name}: {f'{len(lines)} moved' if lines else 'equal'}, {took}", flush=True)
        for line in lines[: given.show]:
            print(f"    {line}", flush=True)
    return int(moved > 0)


if __name__ == "__main__":
    sys.exit(main_golden())
