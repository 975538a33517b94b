"""Other spellings of the names in a case, and how a word is brought to one spelling.

The names a case may use: muscles, movements, skin nerves, dermatomes, studies, regions, groups.

Names are lower-case with hyphens. A writer may use capitals, spaces, underscores, the older word *peroneal*
and common short forms (``EDB``, ``VL``); `Vocabulary.find` gives the one name the project uses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from garland.errors import did_you_mean

_OLDER_WORDS = {
    "peroneal": "fibular",
    "peroneals": "fibulars",
    "peroneus": "fibularis",
    "hematoma": "haematoma",
}


def _normalise(word: str) -> str:
    """Bring a word to lower case with hyphens, with *fibular* for *peroneal*."""
    parts = re.split(r"[\s_\-–/]+", word.strip().lower())
    return "-".join(_OLDER_WORDS.get(part, part) for part in parts if part)


MUSCLE_SYNONYMS = {
    "psoas": "iliopsoas",
    "iliacus": "iliopsoas",
    "rf": "rectus-femoris",
    "vl": "vastus-lateralis",
    "vm": "vastus-medialis",
    "tfl": "tensor-fasciae-latae",
    "tensor-fascia-lata": "tensor-fasciae-latae",
    "biceps-femoris-long-head": "biceps-femoris-long",
    "long-head-of-biceps-femoris": "biceps-femoris-long",
    "biceps-femoris-short-head": "biceps-femoris-short",
    "short-head-of-biceps-femoris": "biceps-femoris-short",
    "bfsh": "biceps-femoris-short",
    "bflh": "biceps-femoris-long",
    "ta": "tibialis-anterior",
    "anterior-tibialis": "tibialis-anterior",
    "tp": "tibialis-posterior",
    "posterior-tibialis": "tibialis-posterior",
    "ehl": "extensor-hallucis-longus",
    "edb": "extensor-digitorum-brevis",
    "pl": "fibularis-longus",
    "fl": "fibularis-longus",
    "fdl": "flexor-digitorum-longus",
    "mg": "medial-gastrocnemius",
    "lg": "lateral-gastrocnemius",
    "gastrocnemius-medial": "medial-gastrocnemius",
    "gastrocnemius-medialis": "medial-gastrocnemius",
    "gastrocnemius-lateral": "lateral-gastrocnemius",
    "gastrocnemius-lateralis": "lateral-gastrocnemius",
    "ah": "abductor-hallucis",
    "adm-pedis": "abductor-digiti-minimi-pedis",
    "abductor-digiti-quinti-pedis": "abductor-digiti-minimi-pedis",
    "biceps": "biceps-brachii",
    "triceps": "triceps-brachii",
    "pectoralis": "pectoralis-major",
    "pectoral": "pectoralis-major",
    "eip": "extensor-indicis",
    "ei": "extensor-indicis",
    "extensor-indicis-proprius": "extensor-indicis",
    "apb": "abductor-pollicis-brevis",
    "opponens": "opponens-pollicis",
    "fdi": "first-dorsal-interosseous",
    "first-dorsal-interosseus": "first-dorsal-interosseous",
    "adm": "abductor-digiti-minimi",
    "fdp": "flexor-digitorum-profundus",
    "thoracic-paraspinal": "paraspinal-thoracic",
    "thoracic-paraspinals": "paraspinal-thoracic",
    "paraspinals-thoracic": "paraspinal-thoracic",
    **{f"{level}-paraspinal": f"paraspinal-{level}" for level in ("l2", "l3", "l4", "l5", "s1")},
    **{f"{level}-paraspinals": f"paraspinal-{level}" for level in ("l2", "l3", "l4", "l5", "s1")},
    **{f"paraspinals-{level}": f"paraspinal-{level}" for level in ("l2", "l3", "l4", "l5", "s1")},
    "quadriceps-femoris": "quadriceps",
    "quads": "quadriceps",
    "hamstring": "hamstrings",
    "adductor": "adductors",
    "gluteals": "glutei",
    "gastrocnemii": "gastrocnemius",
    "intrinsic-foot": "foot-intrinsic",
    "foot-intrinsics": "foot-intrinsic",
    "intrinsic-hand": "hand-intrinsic",
    "hand-intrinsics": "hand-intrinsic",
    "legs": "leg",
    "arms": "arm",
    "thigh": "thigh-muscles",
    "fibular-muscles": "fibular-innervated",
    "common-fibular-muscles": "fibular-innervated",
    "femoral-muscles": "femoral-innervated",
    "obturator-muscles": "obturator-innervated",
    "paraspinal": "paraspinals",
    "other": "others",
}

MOVEMENT_SYNONYMS = {
    "thigh-adduction": "hip-adduction",
    "thigh-abduction": "hip-abduction",
    "thigh-flexion": "hip-flexion",
    "leg-extension": "knee-extension",
    "dorsiflexion": "ankle-dorsiflexion",
    "foot-dorsiflexion": "ankle-dorsiflexion",
    "plantarflexion": "ankle-plantarflexion",
    "plantar-flexion": "ankle-plantarflexion",
    "ankle-plantar-flexion": "ankle-plantarflexion",
    "inversion": "ankle-inversion",
    "foot-inversion": "ankle-inversion",
    "eversion": "ankle-eversion",
    "foot-eversion": "ankle-eversion",
    "toe-dorsiflexion": "toe-extension",
    "great-toe-extension": "toe-extension",
    "toe-plantarflexion": "toe-flexion",
    "arm-abduction": "shoulder-abduction",
    "scapuloperoneal": "scapulofibular",
    "scapulo-fibular": "scapulofibular",
}

SKIN_SYNONYMS = {
    "lfcn": "lateral-femoral-cutaneous",
    "lateral-cutaneous-nerve-of-thigh": "lateral-femoral-cutaneous",
    "mfcn": "medial-femoral-cutaneous",
    "pfcn": "posterior-femoral-cutaneous",
    "sfn": "superficial-fibular",
    "common-fibular": "fibular",
    "deep-fibular": "deep-fibular-cutaneous",
    "posterior-tibial": "tibial",
    "median-d1": "median-digit-1",
    "median-thumb": "median-digit-1",
    "median-d2": "median-digit-2",
    "median-sensory": "median-digit-2",
    "median-d3": "median-digit-3",
    "ulnar-d5": "ulnar-digit-5",
    "ulnar-sensory": "ulnar-digit-5",
}

STUDY_SYNONYMS = {
    "femoral-rf": "femoral-rectus-femoris",
    "femoral-vm": "femoral-vastus-medialis",
    "fibular-edb": "fibular-extensor-digitorum-brevis",
    "fibular-ta": "fibular-tibialis-anterior",
    "tibial-ah": "tibial-abductor-hallucis",
    "median-apb": "median-abductor-pollicis-brevis",
    "ulnar-adm": "ulnar-abductor-digiti-minimi",
    "radial-eip": "radial-extensor-indicis",
    "radial-ei": "radial-extensor-indicis",
    **{f"{nerve}-f": f"{nerve}-f-wave" for nerve in ("fibular", "tibial", "median", "ulnar")},
    **{f"{nerve}-f-waves": f"{nerve}-f-wave" for nerve in ("fibular", "tibial", "median", "ulnar")},
    "h-reflex": "soleus-h-reflex",
    "soleus-h": "soleus-h-reflex",
    "tibial-h-reflex": "soleus-h-reflex",
    "sensory": "all-sensory",
    "motor": "all-motor",
    "legs": "leg",
    "arms": "arm",
}

OTHER_SYNONYMS = {
    "l": "left",
    "r": "right",
    "bilateral": "both",
    "b": "both",
    "not-stated": "unstated",
    "patellar": "knee",
    "achilles": "ankle",
    "other": "others",
    "low-back": "back",
    "lower-back": "back",
    "lumbar": "back",
    "front-of-thigh": "anterior-thigh",
    "inner-thigh": "medial-thigh",
    "outer-thigh": "lateral-thigh",
    "back-of-thigh": "posterior-thigh",
    "medial-leg": "leg-medial",
    "lateral-leg": "leg-lateral",
    "dorsum-of-foot": "foot-dorsum",
    "whole-limb": "whole-leg",
    "distal-symmetric": "stocking",
    "stocking-glove": "stocking-and-glove",
    "inguinal-ligament": "inguinal",
    "popliteal-fossa": "popliteal",
    "fibula-head": "fibular-head",
    "fibular-neck": "fibular-head",
}


OTHERS = "others"
"""The key that speaks of everything on the list that is not named."""

SIDES = ("left", "right", "both", "unstated")
"""Sides of a finding; ``unstated`` means that the source gives the finding without a side."""

LEG_MUSCLES = (
    "iliopsoas", "sartorius", "rectus-femoris", "vastus-lateralis", "vastus-medialis", "adductor-longus",
    "adductor-magnus", "gracilis", "tensor-fasciae-latae", "gluteus-medius", "gluteus-maximus",
    "semitendinosus", "semimembranosus", "biceps-femoris-long", "biceps-femoris-short",
    "tibialis-anterior", "extensor-hallucis-longus", "extensor-digitorum-brevis", "fibularis-longus",
    "tibialis-posterior", "flexor-digitorum-longus", "medial-gastrocnemius", "lateral-gastrocnemius",
    "soleus", "abductor-hallucis", "abductor-digiti-minimi-pedis",
)  # fmt: skip
PARASPINALS = [f"paraspinal-{level}" for level in ("l2", "l3", "l4", "l5", "s1", "thoracic")]
ARM_MUSCLES = (
    "deltoid", "biceps-brachii", "triceps-brachii", "pectoralis-major", "extensor-indicis",
    "abductor-pollicis-brevis", "opponens-pollicis", "first-dorsal-interosseous",
    "abductor-digiti-minimi", "flexor-digitorum-profundus",
)  # fmt: skip
MUSCLES = (*LEG_MUSCLES, *PARASPINALS, *ARM_MUSCLES, "tongue")

_QUADRICEPS = ("rectus-femoris", "vastus-lateralis", "vastus-medialis")
_HAMSTRINGS = ("semitendinosus", "semimembranosus", "biceps-femoris-long", "biceps-femoris-short")
_ADDUCTORS = ("adductor-longus", "adductor-magnus", "gracilis")
_CALF = ("medial-gastrocnemius", "lateral-gastrocnemius", "soleus")
_GLUTEI = ("gluteus-medius", "gluteus-maximus", "tensor-fasciae-latae")
_FIBULAR = ("tibialis-anterior", "extensor-hallucis-longus", "extensor-digitorum-brevis", "fibularis-longus")
_FOOT = ("abductor-hallucis", "abductor-digiti-minimi-pedis", "extensor-digitorum-brevis")
_TIBIAL = (*_CALF, "tibialis-posterior", "flexor-digitorum-longus", *_FOOT[:2])
_HAND = (
    "abductor-pollicis-brevis",
    "opponens-pollicis",
    "first-dorsal-interosseous",
    "abductor-digiti-minimi",
)
_THIGH = (*_QUADRICEPS, "sartorius", *_ADDUCTORS, *_HAMSTRINGS)
MUSCLE_GROUPS: dict[str, tuple[str, ...]] = {
    "quadriceps": _QUADRICEPS,
    "hamstrings": _HAMSTRINGS,
    "adductors": _ADDUCTORS,
    "glutei": _GLUTEI,
    "gastrocnemius": _CALF[:2],
    "calf-muscles": _CALF,
    "foot-intrinsic": _FOOT,
    "hand-intrinsic": _HAND,
    "thigh-muscles": _THIGH,
    "proximal-leg": ("iliopsoas", *_GLUTEI, *_THIGH),
    "distal-leg": tuple(dict.fromkeys((*_FIBULAR, *_TIBIAL))),
    "leg": tuple(LEG_MUSCLES),
    "proximal-arm": ("deltoid", "biceps-brachii", "triceps-brachii", "pectoralis-major"),
    "arm": tuple(ARM_MUSCLES),
    "femoral-innervated": ("iliopsoas", "sartorius", *_QUADRICEPS),
    "obturator-innervated": _ADDUCTORS,
    "sciatic-innervated": tuple(dict.fromkeys((*_HAMSTRINGS, *_FIBULAR, *_TIBIAL))),
    "fibular-innervated": _FIBULAR,
    "tibial-innervated": _TIBIAL,
    "l5-outside-fibular": (
        "tensor-fasciae-latae", "gluteus-medius", "semitendinosus", "tibialis-posterior",
        "flexor-digitorum-longus",
    ),
    "paraspinals": tuple(PARASPINALS),
    "lumbar-paraspinals": tuple(PARASPINALS[:5]),
    "all-muscles": MUSCLES,
    "unspecified": (),
}  # fmt: skip
"""Group -> its muscles. A statement on a group does not say which were tested; ``unspecified`` names none."""

_HIP = ("hip-flexion", "hip-extension", "hip-abduction", "hip-adduction")
_KNEE = ("knee-extension", "knee-flexion")
_ANKLE = ("ankle-dorsiflexion", "ankle-plantarflexion", "ankle-inversion", "ankle-eversion")
_TOES = ("toe-extension", "toe-flexion")
_ARM_MOVES = (
    "shoulder-abduction", "elbow-flexion", "elbow-extension", "finger-abduction", "thumb-abduction",
    "finger-flexion",
)  # fmt: skip
MOVEMENTS = (*_HIP, *_KNEE, *_ANKLE, *_TOES, *_ARM_MOVES, "tongue-protrusion")
MOVEMENT_GROUPS: dict[str, tuple[str, ...]] = {
    "hip": _HIP,
    "knee": _KNEE,
    "ankle": _ANKLE,
    "toes": _TOES,
    "proximal-leg": (*_HIP, *_KNEE),
    "distal-leg": (*_ANKLE, *_TOES),
    "leg": (*_HIP, *_KNEE, *_ANKLE, *_TOES),
    "proximal-arm": _ARM_MOVES[:3],
    "distal-arm": _ARM_MOVES[3:],
    "arm": _ARM_MOVES,
    "scapulofibular": ("shoulder-abduction", "ankle-dorsiflexion", "ankle-eversion"),
}

SKIN_NERVES = (
    "ilioinguinal", "lateral-femoral-cutaneous", "medial-femoral-cutaneous", "saphenous",
    "obturator-cutaneous", "posterior-femoral-cutaneous", "superficial-fibular", "deep-fibular-cutaneous",
    "sural", "lateral-sural-cutaneous", "medial-plantar", "lateral-plantar", "trunk", "median-digit-2",
    "ulnar-digit-5", "superficial-radial",
)  # fmt: skip
DERMATOMES = ("l1", "l2", "l3", "l4", "l5", "s1", "s2", "s3", "c6", "c7", "c8", "trunk")
ROOTS = ("c5", "c6", "c7", "c8", "t1", "th", "l1", "l2", "l3", "l4", "l5", "s1", "s2", "s3")
LEVELS = ("l1-l2", "l2-l3", "l3-l4", "l4-l5", "l5-s1")
REFLEXES = ("knee", "ankle", "adductor", "medial-hamstring", "biceps", "triceps")

REGIONS = (
    "back", "buttock", "groin", "anterior-thigh", "lateral-thigh", "medial-thigh", "posterior-thigh",
    "knee", "leg-medial", "leg-lateral", "calf", "foot-dorsum", "sole", "arm", "hand", "trunk",
)  # fmt: skip
_THIGH_REGIONS = REGIONS[3:7]
_LOWER_LEG = REGIONS[8:11]
REGION_GROUPS: dict[str, tuple[str, ...]] = {
    "hip": ("buttock", "groin"),
    "thigh": _THIGH_REGIONS,
    "lower-leg": _LOWER_LEG,
    "foot": ("foot-dorsum", "sole"),
    "leg": (*REGIONS[1:13],),
}
MIDLINE_REGIONS = ("back", "trunk")
DISTRIBUTIONS = ("stocking", "glove", "stocking-and-glove", "saddle", "whole-leg")

MOTOR_STUDIES: dict[str, tuple[str, ...]] = {
    "femoral-rectus-femoris": ("inguinal",),
    "femoral-vastus-medialis": ("inguinal",),
    "fibular-extensor-digitorum-brevis": ("ankle", "fibular-head", "popliteal"),
    "fibular-tibialis-anterior": ("fibular-head", "popliteal"),
    "tibial-abductor-hallucis": ("ankle", "popliteal"),
    "median-abductor-pollicis-brevis": ("palm", "wrist", "elbow", "axilla"),
    "ulnar-abductor-digiti-minimi": ("wrist", "below-elbow", "above-elbow"),
    "radial-extensor-indicis": ("forearm", "upper-arm"),
}
"""Motor study -> points of stimulation. ``palm`` and ``axilla`` are kept; the model has no site there."""

LEG_SENSORY = (*SKIN_NERVES[1:4], "superficial-fibular", "sural", "medial-plantar")
ARM_SENSORY = ("median-digit-2", "ulnar-digit-5", "superficial-radial")
EXTRA_SENSORY = ("median-digit-1", "median-digit-3")
"""Sensory studies that a record keeps although the model has no expectation for them."""
SENSORY_STUDIES = (*LEG_SENSORY, *ARM_SENSORY, *EXTRA_SENSORY)
F_WAVES = ("fibular-f-wave", "tibial-f-wave", "median-f-wave", "ulnar-f-wave")
H_REFLEXES = ("soleus-h-reflex",)
STUDIES = (*MOTOR_STUDIES, *SENSORY_STUDIES, *F_WAVES, *H_REFLEXES)

_LEG_MOTOR = tuple(MOTOR_STUDIES)[:5]
_ARM_MOTOR = tuple(MOTOR_STUDIES)[5:]
STUDY_GROUPS: dict[str, tuple[str, ...]] = {
    "all-sensory": (*LEG_SENSORY, *ARM_SENSORY),
    "all-motor": tuple(MOTOR_STUDIES),
    "leg-motor": _LEG_MOTOR,
    "arm-motor": _ARM_MOTOR,
    "leg-sensory": LEG_SENSORY,
    "arm-sensory": ARM_SENSORY,
    "leg": (*_LEG_MOTOR, *LEG_SENSORY),
    "arm": (*_ARM_MOTOR, *ARM_SENSORY),
    "all-f-waves": F_WAVES,
}
NERVES: dict[str, tuple[str, ...]] = {
    name: tuple(study for study in (*MOTOR_STUDIES, *SENSORY_STUDIES) if study.split("-")[0] == name)
    for name in ("femoral", "fibular", "tibial", "median", "ulnar", "radial")
} | {name: (name,) for name in SENSORY_STUDIES if not name.startswith(("median", "ulnar"))}
NERVES["radial"] += ("superficial-radial",)
"""Nerve -> its studies, for reports that name the nerve and not the recording site."""
POINTS = tuple(dict.fromkeys(point for points in MOTOR_STUDIES.values() for point in points))
SEGMENTS = (
    "across-fibular-head", "ankle-to-fibular-head", "ankle-to-popliteal", "across-elbow", "palm-to-wrist",
    "wrist-to-elbow", "wrist-to-below-elbow", "forearm-to-upper-arm",
)  # fmt: skip


@dataclass(frozen=True)
class _Vocabulary:
    """One list of names with the other spellings that are understood.

    Attributes
    ----------
    what : str
        What one name is, for messages (``muscle``).
    names : tuple of str
        The names.
    synonyms : mapping
        Other normalised spellings -> name.
    """

    what: str
    names: tuple[str, ...]
    synonyms: Mapping[str, str] = field(default_factory=dict)

    def find(self, word: str) -> str | None:
        """Name meant by `word`, or None where there is none."""
        plain = _normalise(word)
        meant = self.synonyms.get(plain, plain)
        return meant if meant in self.names else None

    def suggest(self, word: str) -> str:
        """Sentence fragment that points to the nearest name."""
        return did_you_mean(_normalise(word), self.names)


def _vocabulary(what: str, names: Iterable[str], synonyms: Mapping[str, str] | None = None) -> _Vocabulary:
    return _Vocabulary(what, tuple(dict.fromkeys(names)), synonyms or {})


_STRENGTH = (*MOVEMENTS, *MOVEMENT_GROUPS, *MUSCLES, *MUSCLE_GROUPS)
VOCABULARIES: dict[str, _Vocabulary] = {
    "side": _vocabulary("side", SIDES, OTHER_SYNONYMS),
    "muscle": _vocabulary("muscle", MUSCLES, MUSCLE_SYNONYMS),
    "muscle-group": _vocabulary("muscle group", MUSCLE_GROUPS, MUSCLE_SYNONYMS),
    "strength": _vocabulary(
        "movement, muscle or group", (*_STRENGTH, OTHERS), MUSCLE_SYNONYMS | MOVEMENT_SYNONYMS
    ),
    "bulk": _vocabulary(
        "muscle, group or region", (*MUSCLES, *MUSCLE_GROUPS, *REGIONS, OTHERS), MUSCLE_SYNONYMS
    ),
    "reflex": _vocabulary("reflex", (*REFLEXES, OTHERS), OTHER_SYNONYMS),
    "region": _vocabulary("region", (*REGIONS, *REGION_GROUPS), OTHER_SYNONYMS),
    "dermatome": _vocabulary("dermatome", DERMATOMES),
    "skin-nerve": _vocabulary("skin nerve", SKIN_NERVES, SKIN_SYNONYMS),
    "distribution": _vocabulary("distribution", DISTRIBUTIONS, OTHER_SYNONYMS),
    "study": _vocabulary("conduction study", (*STUDIES, *STUDY_GROUPS), STUDY_SYNONYMS | SKIN_SYNONYMS),
    "nerve": _vocabulary("nerve", NERVES, SKIN_SYNONYMS),
    "point": _vocabulary("point of stimulation", POINTS, OTHER_SYNONYMS),
    "segment": _vocabulary("segment", SEGMENTS, OTHER_SYNONYMS),
    "root": _vocabulary("root", ROOTS),
    "level": _vocabulary("disc level", LEVELS),
}


def muscles_in(name: str) -> tuple[str, ...]:
    """Muscles that a muscle's or group's name speaks of; empty where it is neither."""
    return MUSCLE_GROUPS.get(name, (name,) if name in MUSCLES else ())


def movements_in(name: str) -> tuple[str, ...]:
    """Movements that a movement's or group's name speaks of; empty where it is neither (a muscle, say)."""
    return MOVEMENT_GROUPS.get(name, (name,) if name in MOVEMENTS else ())


def regions_in(name: str) -> tuple[str, ...]:
    """Regions of the body that a region's or group's name speaks of; empty where it is neither."""
    return REGION_GROUPS.get(name, (name,) if name in REGIONS else ())


def _studies_in(name: str) -> tuple[str, ...]:
    """Conduction studies that a study's or group's name speaks of; empty where it is neither."""
    return STUDY_GROUPS.get(name, (name,) if name in STUDIES else ())


def _kind_of_study(name: str) -> str:
    """Kind of a study or group: ``motor``, ``sensory``, ``f-wave``, ``h-reflex`` or ``mixed``."""
    kinds = {_kind_of_one(study) for study in _studies_in(name)}
    return kinds.pop() if len(kinds) == 1 else "mixed"


def _kind_of_one(study: str) -> str:
    if study in MOTOR_STUDIES:
        return "motor"
    if study in F_WAVES:
        return "f-wave"
    return "h-reflex" if study in H_REFLEXES else "sensory"
