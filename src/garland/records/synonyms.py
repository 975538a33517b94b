"""Other spellings of the names in a case, and how a word is brought to one spelling.

Reads    nothing.   Feeds  records.vocabulary.   Numbers  none.
"""

from __future__ import annotations

import re

_OLDER_WORDS = {
    "peroneal": "fibular",
    "peroneals": "fibulars",
    "peroneus": "fibularis",
    "hematoma": "haematoma",
}


def normalise(word: str) -> str:
    """Bring a word to lower case with hyphens, with *fibular* for *peroneal*.

    Parameters
    ----------
    word : str
        As written: ``Vastus Lateralis``, ``peroneus_longus``.

    Returns
    -------
    str
        ``vastus-lateralis``, ``fibularis-longus``.
    """
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
