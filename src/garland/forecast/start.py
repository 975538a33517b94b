"""Where a forecast starts: the patients who fit, the day it is for each of them, and their lives from
there.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike

from garland.forecast.members import CHUNK, _members_of
from garland.forecast.simulate import _joined, broadcast, later, life
from garland.forecast.uncertainty import Floats, _Members, quantiles
from garland.inference.encode_case import EncodedCase
from garland.inference.posterior import Posterior
from garland.inference.timing import day_of
from garland.model.latents import Latents
from garland.model.outcomes import Outcomes
from garland.model.patient import Person
from garland.model.treatment.schedule import Treatments

MEMBERS = 768
"""About how many patients a forecast follows [-]."""


@dataclass(frozen=True)
class Start:
    """The members, what is known of the person, and today.

    Attributes
    ----------
    members : Members
        Patients who fit the findings, N of them.
    person : Person
        Scalars, NaN where unknown.
    error : (C,)
        Monte Carlo standard error of the probability of each cause [-].
    today : (N,)
        Day of the last visit of each member, since the first symptom [d].
    ahead : (D,)
        Days from today on that are asked for [d].
    """

    members: _Members
    person: Person
    error: Floats
    today: Floats
    ahead: Floats

    @property
    def today_day(self) -> float:
        """Day since the first symptom of the median patient [d]."""
        return float(round(float(quantiles(self.today, self.members.weight, (0.5,))[0])))

    @property
    def days(self) -> Floats:
        """Days since the first symptom of the median patient, (D,) [d]."""
        return self.today_day + self.ahead


def start_of(reading: EncodedCase, posterior: Posterior, ahead: ArrayLike, total: int, seed: int) -> Start:
    """Return the patients who fit a case, as they are on the day of its last visit."""
    members = _members_of(posterior, total, seed)
    today = np.zeros(len(members.weight))
    for c in np.unique(members.cause):
        own = members.cause == c
        latents = Latents(jnp.asarray(members.vectors[own]))
        today[own] = np.asarray(day_of(reading.timings[-1], jnp.int32(c), latents), np.float64)
    return Start(members, reading.person, posterior.error, today, np.asarray(ahead, np.float64))


def followed(start: Start, treatment: Treatments) -> Outcomes:
    """Return the lives of all members from today on, axes day and member."""
    rows = []
    n = len(start.members.weight)
    given = later(broadcast(treatment, n), start.today)
    for at in range(0, n, CHUNK):
        chunk = slice(at, at + CHUNK)
        days = start.today[None, chunk] + start.ahead[:, None]
        some = jax.tree.map(itemgetter(chunk), given)
        cause = int(start.members.cause[at])
        rows.append(life(start.person, cause, start.members.vectors[chunk], days, some))
    return _joined(rows)
