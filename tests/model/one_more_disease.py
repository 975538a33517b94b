"""Run as a program on a copy of the package that has one more disease; see `test_one_more_disease.py`.

With a word, it only asks how often each disease is met.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from garland.model.diseases import DISEASES, index_of
from garland.model.diseases.prior import prior
from garland.model.patient import unknown_person

CASE = """
garland_case: 1
id: thigh
person: {age_years: 45, sex: female}
visits:
  - day_since_onset: 40
    examination:
      sensation: {results: [{side: right, nerve: saphenous, result: reduced}]}
      strength: {right: {knee-extension: 5, ankle-dorsiflexion: 5}}
    nerve_conduction:
      results:
        - {study: saphenous, side: right, amplitude_uv: absent}
        - {study: sural, side: right, amplitude_uv: 14}
"""


def said_by(*words: str) -> str:
    from garland.cli import main

    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.suppress(SystemExit):
        main(list(words))
    return printed.getvalue()


def main() -> None:
    if sys.argv[1:]:
        print(json.dumps(prior(unknown_person()).tolist()))
        return
    said: dict[str, Any] = {"places": [d.name for d in DISEASES].index("saphenous") == index_of("saphenous")}
    with tempfile.TemporaryDirectory() as folder:
        case, page = Path(folder) / "case.yaml", Path(folder) / "course.html"
        case.write_text(CASE, encoding="utf-8")
        answer = json.loads(said_by("consult", str(case), "--json"))
        said["consulted"] = next(c for c in answer["causes"] if c["name"] == "saphenous")
        course = said_by("patient", "--cause", "saphenous", "--months", "3", "--html", str(page))
        said["report"] = "saphenous neuropathy" in course
        said["page"] = "saphenous neuropathy" in page.read_text(encoding="utf-8")
    print(json.dumps(said))


main()
