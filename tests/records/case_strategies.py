"""Cases made at random, for the tests of reading and writing."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from garland.anatomy.terminology import terms
from garland.records import Case, parse_case
from garland.records.electrodiagnosis import RESULT_WORDS, _words
from garland.records.examination import MODALITIES, MRC_WORDS, REFLEX_WORDS, SENSATION
from garland.records.laboratory import BIOPSIES, FINDINGS

TERMS, NAMES = terms(), terms().names
LETTERS = st.characters(categories=("L", "N", "P", "S"), include_characters=" \n")
TEXT = st.text(LETTERS, min_size=1, max_size=30).filter(lambda text: bool(text.strip()))
FLAG = st.booleans()
GRADE = st.sampled_from([0, "1+", 2, "3-", "4-", 4, "4+", "5-", 5, "0 to 1", "3 to 4+", *MRC_WORDS])
MUSCLE_OR_MOVE = st.sampled_from(NAMES("strength"))
ONE_SIDE = st.sampled_from(["left", "right", "both", "unstated"])


def number(low: float, high: float) -> st.SearchStrategy[float]:
    """Whole and broken numbers within bounds."""
    return st.integers(int(low) + 1, int(high)) | st.floats(low, high, allow_nan=False)


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Mapping with any of the fields."""
    return st.fixed_dictionaries({}, optional=fields)


def by_side(finding: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Finding by side, without a second statement on the same side."""
    return some(left=finding, right=finding) | some(both=finding) | some(unstated=finding)


def table(rows: st.SearchStrategy[Any], key: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    """Table whose rows are about different things."""
    unique = st.lists(rows, max_size=4, unique_by=lambda row: tuple(str(row.get(name)) for name in key))
    return some(results=unique, others=st.just("normal"))


SIGNS = by_side(st.dictionaries(st.sampled_from(NAMES("bulk")), FLAG, max_size=3))
EXAMINATION = some(
    strength=by_side(st.dictionaries(MUSCLE_OR_MOVE, GRADE, max_size=4)),
    reflexes=by_side(
        st.dictionaries(
            st.sampled_from(NAMES("reflex")[:-1]), st.sampled_from([0, 1, "2+", 4, *REFLEX_WORDS]), max_size=3
        )
    ),
    wasting=SIGNS,
    fasciculations=SIGNS,
    plantar_response=by_side(st.sampled_from(["flexor", "extensor"])),
    straight_leg_raise=by_side(st.sampled_from(["positive", "negative", "not-done"])),
    sensation=table(
        st.fixed_dictionaries(
            {
                "side": st.sampled_from(["left", "right"]),
                "dermatome": st.sampled_from(NAMES("dermatome")),
                "modality": st.sampled_from(MODALITIES),
                "result": st.sampled_from(SENSATION),
            }
        ),
        ("side", "dermatome", "modality"),
    ),
    walking=st.sampled_from(["normal", "aid", "wheelchair", "unable"]),
    pes_cavus=FLAG,
)
SIZE = st.sampled_from(["normal", "reduced", "borderline"])
MOTOR = st.fixed_dictionaries(
    {"study": st.sampled_from(list(TERMS.motor_studies)), "side": st.sampled_from(["left", "right"])},
    optional={
        "amplitude_mv": number(0, 60) | SIZE,
        "distal_latency_ms": number(0.5, 40),
        "velocity_m_s": number(1, 100) | st.just("reduced"),
        "conduction_block": FLAG,
    },
)
SENSORY = st.fixed_dictionaries(
    {"study": st.sampled_from(TERMS.study_groups["all-sensory"]), "side": st.sampled_from(["left", "right"])},
    optional={"amplitude_uv": number(0, 300) | st.sampled_from(["absent", "not-done", "reduced"])},
)
LATE = st.fixed_dictionaries(
    {"study": st.sampled_from(TERMS.study_groups["all-f-waves"]), "side": ONE_SIDE},
    optional={"f_result": st.sampled_from(RESULT_WORDS)},
)
NEEDLE_ROW = st.fixed_dictionaries(
    {"muscle": st.sampled_from(NAMES("muscle")), "side": st.sampled_from(["left", "right"])},
    optional={
        "fibrillations": st.sampled_from([0, "2+", 4, *_words("fibrillations")]),
        "positive_waves": st.sampled_from(_words("positive_waves")),
        "recruitment": st.sampled_from(_words("recruitment")),
    },
)
VISIT = some(
    day_precision=st.sampled_from(["exact", "about", "rough"]),
    examination=EXAMINATION,
    nerve_conduction=table(MOTOR | SENSORY, ("study", "side")) | table(LATE, ("study",)),
    needle=table(NEEDLE_ROW, ("muscle", "side")),
    laboratory=some(ck_u_l=number(0, 9999) | st.just("raised"), biopsy=st.sampled_from(BIOPSIES)),
    imaging=st.lists(
        st.fixed_dictionaries(
            {"modality": st.just("mri"), "findings": st.sampled_from(FINDINGS).map(lambda word: [word])},
            optional={"roots": st.lists(st.sampled_from(NAMES("root")), max_size=2), "side": ONE_SIDE},
        ),
        max_size=2,
    ),
    other_tests=st.lists(st.fixed_dictionaries({"test": TEXT, "result": TEXT}), max_size=1),
    published_impression=st.lists(TEXT, max_size=2),
)
SYMPTOM = st.fixed_dictionaries(
    {"present": st.just(True), "side": ONE_SIDE},
    optional={"regions": st.lists(st.sampled_from(NAMES("region")), max_size=3)},
)
MAPPING = st.fixed_dictionaries(
    {"garland_case": st.just(1), "id": TEXT, "visits": st.lists(VISIT, min_size=1, max_size=3)},
    optional={
        "title": TEXT,
        "person": some(
            age_years=number(1, 120), sex=st.sampled_from(["female", "male"]), height_cm=number(40, 260)
        ),
        "diabetes": some(type=st.sampled_from(["type-1", "type-2"]), hba1c_percent=number(3, 25)),
        "lipids": some(ldl_mg_dl=number(1, 900) | st.just("raised")),
        "blood_pressure": some(systolic_mmhg=number(40, 300)),
        "history": some(
            pain=SYMPTOM | st.just({"present": False}),
            numbness=SYMPTOM,
            cancer=FLAG,
            weight_loss_kg=number(0, 100) | st.sampled_from(["none", "present"]),
            drugs=st.lists(TEXT, max_size=2),
            other_findings=st.dictionaries(st.sampled_from(NAMES("other-finding")), FLAG, max_size=3),
        ),
        "published": st.fixed_dictionaries(
            {"diagnosis": TEXT, "source": st.fixed_dictionaries({"citation": TEXT})},
            optional={"outcome": TEXT, "accepted_causes": st.just(["dlrpn", "radiculopathy-l4"])},
        ),
    },
)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Case with visits in order of time."""
    mapping = draw(MAPPING)
    days = sorted(draw(st.lists(number(0, 3000), min_size=3, max_size=3)))
    for visit, day in zip(mapping["visits"], days, strict=False):
        if draw(st.booleans()):
            visit["day_since_onset"] = day
    return parse_case(mapping)
