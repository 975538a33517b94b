"""A consult as the inference would return it: a man of 56 with pain in the right thigh. All made up."""

from __future__ import annotations

from garland.inference.result import (
    Basis,
    CauseProbability,
    Consult,
    FindingReview,
    NextTest,
    SiteLoss,
    _Diagnostics,
    _FitCheck,
)
from garland.inference.test_selection import PlannedTest, TestPlan

NOTICE = "For research and teaching. Not a medical device."

DISEASES = tuple(
    CauseProbability(*row)
    for row in (
        (
            "dlrpn",
            "diabetic lumbosacral radiculoplexus neuropathy",
            "radiculoplexus neuropathy",
            0.031,
            0.862,
            0.014,
            -48.21,
        ),
        ("radiculopathy-l3", "L3 radiculopathy, compressive", "radiculopathy", 0.046, 0.071, 0.009, -51.10),
        (
            "lumbar-plexopathy-haematoma",
            "lumbar plexopathy, psoas haematoma",
            "plexopathy",
            0.011,
            0.028,
            0.004,
            -50.60,
        ),
        (
            "femoral-neuropathy-proximal",
            "femoral neuropathy in the pelvis",
            "mononeuropathy",
            0.014,
            0.017,
            0.003,
            -51.33,
        ),
        ("radiculopathy-l4", "L4 radiculopathy, compressive", "radiculopathy", 0.082, 0.0121, 0.002, -53.44),
        ("lumbar-stenosis", "lumbar spinal stenosis", "radiculopathy", 0.064, 0.0048, 0.001, -54.12),
        ("vasculitic-neuropathy", "vasculitic neuropathy", "neuropathy", 0.006, 0.0031, 0.001, -52.19),
        (
            "lumbar-plexopathy-neoplastic",
            "lumbosacral plexopathy, neoplastic",
            "plexopathy",
            0.009,
            0.0015,
            0.001,
            -53.32,
        ),
        ("motor-neuron-disease", "motor neuron disease", "motor neuron", 0.008, 0.0005, 0.0002, -54.30),
    )
)

_PAIRS = (
    # site, label, part, right (mean, low, high, involved), left (mean, low, high, involved)
    ("ventral-root-L2", "L2 ventral root", "root", (0.24, 0.02, 0.48, 0.61), (0.01, 0.00, 0.02, 0.02)),
    ("dorsal-root-L2", "L2 dorsal root", "root", (0.16, 0.01, 0.37, 0.47), (0.01, 0.00, 0.02, 0.02)),
    ("ventral-root-L3", "L3 ventral root", "root", (0.41, 0.14, 0.66, 0.88), (0.02, 0.00, 0.05, 0.05)),
    ("dorsal-root-L3", "L3 dorsal root", "root", (0.29, 0.05, 0.55, 0.72), (0.02, 0.00, 0.05, 0.05)),
    ("ganglion-L3", "L3 ganglion", "root", (0.21, 0.02, 0.44, 0.58), (0.01, 0.00, 0.03, 0.03)),
    ("spinal-nerve-L3", "L3 spinal nerve", "root", (0.47, 0.19, 0.72, 0.91), (0.02, 0.00, 0.06, 0.06)),
    ("ventral-root-L4", "L4 ventral root", "root", (0.27, 0.04, 0.52, 0.66), (0.02, 0.00, 0.05, 0.05)),
    ("spinal-nerve-L4", "L4 spinal nerve", "root", (0.31, 0.06, 0.57, 0.71), (0.02, 0.00, 0.05, 0.05)),
    ("spinal-nerve-L5", "L5 spinal nerve", "root", (0.08, 0.00, 0.21, 0.24), (0.01, 0.00, 0.03, 0.03)),
    (
        "upper-lumbar-plexus",
        "upper lumbar plexus",
        "plexus",
        (0.12, 0.00, 0.30, 0.38),
        (0.01, 0.00, 0.03, 0.03),
    ),
    (
        "lumbar-plexus-posterior",
        "lumbar plexus, posterior divisions",
        "plexus",
        (0.63, 0.41, 0.83, 0.97),
        (0.04, 0.00, 0.11, 0.11),
    ),
    (
        "lumbar-plexus-anterior",
        "lumbar plexus, anterior divisions",
        "plexus",
        (0.44, 0.17, 0.70, 0.88),
        (0.03, 0.00, 0.09, 0.09),
    ),
    ("lumbosacral-trunk", "lumbosacral trunk", "plexus", (0.11, 0.00, 0.28, 0.34), (0.02, 0.00, 0.05, 0.05)),
    (
        "femoral-pelvic",
        "femoral nerve in the pelvis",
        "nerve",
        (0.38, 0.08, 0.68, 0.79),
        (0.02, 0.00, 0.06, 0.06),
    ),
    (
        "femoral-inguinal",
        "femoral nerve below the groin",
        "nerve",
        (0.14, 0.00, 0.36, 0.41),
        (0.01, 0.00, 0.03, 0.03),
    ),
    ("obturator", "obturator nerve", "nerve", (0.19, 0.01, 0.45, 0.49), (0.01, 0.00, 0.03, 0.03)),
    (
        "lateral-femoral-cutaneous",
        "lateral femoral cutaneous nerve",
        "nerve",
        (0.09, 0.00, 0.26, 0.31),
        (0.02, 0.00, 0.05, 0.05),
    ),
    ("saphenous", "saphenous nerve", "nerve", (0.17, 0.02, 0.37, 0.52), (0.06, 0.00, 0.15, 0.18)),
    ("sural", "sural nerve", "nerve", (0.13, 0.02, 0.27, 0.44), (0.13, 0.02, 0.27, 0.44)),
    (
        "superficial-fibular",
        "superficial fibular nerve",
        "nerve",
        (0.10, 0.01, 0.22, 0.33),
        (0.10, 0.01, 0.22, 0.33),
    ),
    (
        "common-fibular",
        "common fibular nerve at the fibular head",
        "nerve",
        (0.03, 0.00, 0.08, 0.08),
        (0.02, 0.00, 0.06, 0.06),
    ),
)

LESIONS = tuple(
    SiteLoss(site, label, part, side, *numbers)
    for site, label, part, right, left in _PAIRS
    for side, numbers in (("right", right), ("left", left))
)

FINDINGS = tuple(
    FindingReview(*row)
    for row in (
        ("onset of pain", "history", 0, "sudden, 14 days ago", "over days (1–12 days)", 0.9, 0.62),
        ("pain, right anterior thigh", "history", 0, "severe", "severe (moderate to severe)", 0.4, 0.71),
        ("pain, right knee", "history", 0, "present", "present in 58 %", 0.1, 0.58),
        ("weight loss", "history", 0, "none", "4 kg (0–11 kg)", -0.8, 0.21),
        ("knee extension, right", "examination", 0, "MRC 4", "MRC 4− (3 to 4+)", 0.3, 0.66),
        ("hip flexion, right", "examination", 0, "MRC 5", "MRC 4 (3+ to 5)", -1.4, 0.12),
        ("knee extension, left", "examination", 0, "MRC 5", "MRC 5 (5 to 5)", 0.0, 0.90),
        (
            "atrophy of the thigh, right",
            "examination",
            0,
            "absent",
            "slight (absent to moderate)",
            -0.2,
            0.44,
        ),
        ("knee jerk, right", "examination", 0, "reduced", "absent (absent to reduced)", 0.2, 0.41),
        ("knee jerk, left", "examination", 0, "normal", "normal (reduced to normal)", 0.0, 0.77),
        ("pin prick, dermatome L3, right", "examination", 0, "reduced", "reduced in 66 %", -0.1, 0.66),
        (
            "medial femoral cutaneous SNAP, right",
            "nerve conduction",
            0,
            "reduced",
            "1.6 µV (0.4–3.2 µV)",
            2.1,
            0.57,
        ),
        (
            "medial femoral cutaneous SNAP, left",
            "nerve conduction",
            0,
            "normal",
            "3.9 µV (2.1–6.0 µV)",
            0.1,
            0.80,
        ),
        ("saphenous SNAP, right", "nerve conduction", 0, "reduced", "1.9 µV (NR–3.8 µV)", 1.8, 0.60),
        ("sural SNAP, right", "nerve conduction", 0, "9 µV", "8 µV (4–14 µV)", 0.0, 0.85),
        (
            "femoral CMAP, rectus femoris, right",
            "nerve conduction",
            0,
            "reduced",
            "3.1 mV (1.4–5.6 mV)",
            0.5,
            0.63,
        ),
        (
            "femoral CMAP, rectus femoris, left",
            "nerve conduction",
            0,
            "normal",
            "7.6 mV (5.1–10.4 mV)",
            0.0,
            0.88,
        ),
        ("fibrillations, rectus femoris, right", "needle", 0, "3+", "2+ (1+ to 3+)", 0.6, 0.39),
        ("fibrillations, iliopsoas, right", "needle", 0, "3+", "2+ (0 to 3+)", 0.7, 0.35),
        ("fibrillations, adductor magnus, right", "needle", 0, "3+", "1+ (0 to 2+)", 3.4, 0.031),
        ("fibrillations, tibialis anterior, right", "needle", 0, "0", "0 (0 to 1+)", -0.3, 0.68),
        ("fibrillations, paraspinals L3, right", "needle", 0, "0", "1+ (0 to 2+)", 0.8, 0.27),
        ("glucose tolerance test, 2 h", "laboratory", 0, "277 mg/dL", "diabetic range in 98 %", 4.6, 0.49),
        ("MRI, L3 root", "imaging", 0, "enhancement", "enhancement in 44 %", 1.2, 0.44),
        ("MRI, psoas muscle", "imaging", 0, "enhancement", "enhancement in 1 %", 0.2, 0.009),
        ("conclusion of the study", "conclusion", 0, "L3 radiculopathy", "25 % of patients", -0.3, 0.25),
    )
)

NEXT_TESTS = (
    NextTest(
        "needle, paraspinals L4, right",
        "needle",
        0.21,
        "Fibrillations point to radiculoplexus neuropathy or root; none, to a lesion of plexus or nerve.",
    ),
    NextTest(
        "lateral femoral cutaneous SNAP, right",
        "nerve conduction",
        0.17,
        "A low amplitude points to radiculoplexus neuropathy; a normal one, to L3 radiculopathy.",
    ),
    NextTest(
        "CSF protein",
        "laboratory",
        0.14,
        "Above 1 g/L points to radiculoplexus neuropathy; normal leaves it open.",
    ),
    NextTest(
        "knee extension, strength at the next visit",
        "examination",
        0.09,
        "Worse in a month points to radiculoplexus neuropathy; better, to compression of a root.",
    ),
    NextTest(
        "needle, gluteus medius, right",
        "needle",
        0.07,
        "Fibrillations point to a process beyond the lumbar plexus; none leaves all causes as they are.",
    ),
)

BASIS = tuple(
    Basis(*row)
    for row in (
        (
            "fibres/degeneration.motor_delay_days",
            "last day on which a cut motor axon still conducts",
            "day",
            "measured",
            "Chaudhry1992, table 2",
        ),
        (
            "fibres/degeneration.sensory_delay_days",
            "last day on which a cut sensory axon conducts",
            "day",
            "measured",
            "Chaudhry1992, table 2",
        ),
        (
            "fibres/regrowth.rate_mm_per_day",
            "speed of axonal regrowth, human limb nerve",
            "mm/day",
            "measured",
            "Seddon1943, abstract",
        ),
        (
            "recordings/nerve_conduction.repeat_cv",
            "variation of a repeated amplitude",
            "-",
            "measured",
            "Kohara2000, table 4",
        ),
        (
            "anatomy/distances.femoral_mm",
            "distance from the groin to rectus femoris",
            "mm",
            "derived",
            "from height, Falco1995",
        ),
        ("causes/dlrpn.incidence", "new patients per year", "1/100,000/year", "measured", "Ng2019, abstract"),
        (
            "causes/dlrpn.bilateral_share",
            "share that spreads to the other side",
            "-",
            "recalled",
            "from memory",
        ),
        ("causes/dlrpn.weight_loss_kg", "weight lost in the first months", "kg", "recalled", "from memory"),
        (
            "causes/dlrpn.psoas_enhancement",
            "share with enhancement of the psoas",
            "-",
            "assumed",
            "no study found",
        ),
        (
            "vessels/inflammation.front_width_mm",
            "length of nerve attacked at once",
            "mm",
            "assumed",
            "no study found",
        ),
        (
            "vessels/inflammation.episodes_per_site",
            "episodes of attack at one site",
            "-",
            "assumed",
            "no study found",
        ),
        (
            "recordings/needle.reader_error",
            "chance of one step difference between two readers",
            "-",
            "recalled",
            "from memory",
        ),
        ("bedside/pain.fascicle_weight", "pain per injured nociceptor", "-", "assumed", "no study found"),
    )
)

RANKING = tuple(
    PlannedTest(
        test.label, test.kind, test.bits, test.bits, 3.0, 1, 4, test.bits / 3, test.bits / 4, test.says
    )
    for test in NEXT_TESTS
)
PLAN = TestPlan(
    RANKING, RANKING[:2], 1.41, 0.33, 6.0, 2, 8, "", "A third test would add less than it is worth."
)

CONSULT = Consult(
    case_id="diabetic-amyotrophy-56m",
    title="Man of 56 with two weeks of pain in the right thigh and knee",
    published_diagnosis="diabetic amyotrophy",
    setting="EMG laboratory, day 14 after the first symptom",
    summary="56-year-old man, diabetes newly found. Pain in the right thigh and knee, mild weakness of "
    "knee extension, reduced knee jerk, numbness over L3.",
    causes=DISEASES,
    lesions=LESIONS,
    findings=FINDINGS,
    next_tests=NEXT_TESTS,
    fit=_FitCheck(
        True,
        0.34,
        "The leading cause produces findings as odd as these in one patient of three.",
        ("MRI, psoas muscle", "fibrillations, adductor magnus, right"),
    ),
    not_used=(
        "recovery at three months: happened after the day of the consult",
        "family history: not modelled",
    ),
    basis=BASIS,
    diagnostics=_Diagnostics(
        7, 184_320, 9, 1_812.4, 6.83, {"prior draws": 2.1, "tempering": 3.9, "next tests": 0.6}
    ),
    version="0.1.0",
    notice=NOTICE,
    plan=PLAN,
)
