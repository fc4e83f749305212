"""How far seeds are apart in each state, and whether the published network stands out among ours."""

from __future__ import annotations

import numpy as np
import pandas as pd

import figures
import measures
from measures import Collected
from run_folder import Floats
from selected import STATES, Outcome, of_seeds
from two_states import spread


def seeds(runs: list[Collected]) -> Outcome | None:
    """The first snippet of every seed, beside each other and beside the published distributions."""
    shown, rows, drawn = [], [], {}
    levels, measured = measures.measured_quantiles()
    for state, (_, name) in STATES.items():
        snippets = {seed: next(run.snippets()) for seed, run in of_seeds(runs, state).items()}
        if len(snippets) < 2:
            continue
        drawn[state] = list(snippets.values())
        published = measures.published_quantiles(name)[1]
        for what in measures.STATISTICS:
            values = [snippet[what] for snippet in snippets.values()]
            to_published = np.array([measures.ks_to_quantiles(part, levels, published[what]) for part in values])
            to_experiment = np.array([1.0 - measures.ks_to_quantiles(part, levels, measured[what]) for part in values])
            between = np.array([[measures.ks(a, b) for b in values] for a in values])
            means = np.array([part.mean() for part in values])
            shown.append(
                {
                    "state": state,
                    "statistic": what,
                    "seeds": len(values),
                    "mean": spread(means),
                    "mean, published": published[what].mean(),
                    "KS to the published state": spread(to_published),
                    "KS between our seeds": spread(between[np.tril_indices(len(values), -1)]),
                    "published, by distance": in_words(place(to_published, between), len(values) + 1),
                    "1 − KS to experiment": spread(to_experiment),
                }
            )
            rows += [
                {"state": state, "statistic": what, "seed": seed, "trains": len(part), "mean": part.mean()}
                | {"ks_to_published": to_published[i], "similarity_to_experiment": to_experiment[i]}
                for i, (seed, part) in enumerate(zip(snippets, values, strict=True))
            ]
    if not shown:
        return None
    tables = {"seeds": pd.DataFrame(shown), "statistics_of_seeds": pd.DataFrame(rows)}
    return Outcome(tables, {"seeds": figures.seeds(drawn)})


def place(to_published: Floats, between: Floats) -> int:
    """The place of the published network among all, by its mean distance to the others; the first is the furthest.

    If it were one more seed of ours, every place would be as likely.
    """
    n = len(to_published)
    ours = (between.sum(1) + to_published) / n
    return 1 + int((ours > to_published.mean()).sum())


def in_words(place: int, n: int) -> str:
    """A place by distance."""
    endings = {1: "", 2: "second ", 3: "third "}
    return f"{endings.get(place, f'{place}th ')}furthest of {n}"
