"""Writes the table of docs/opinions.md from simulated raters: `python docs/make_opinions.py`."""

import numpy as np
from markdown_table import table

from sr.files import write_text
from sr.opinions.rankings import strengths
from sr.opinions.screening import outliers
from sr.opinions.simulation import CHEATS, Panel, orders
from sr.opinions.statistics import estimate
from sr.opinions.study import load_study
from sr.project import root

PAGE = root() / "docs" / "opinions.md"
BEGIN, END = "<!-- simulated -->\n", "<!-- end -->\n"
STUDIES = 300
LEVEL = 0.05


def scores(raters: int, images: int) -> list[str]:
    """Bias and coverage of the MOS of five versions, and of one difference, and of the naive interval."""
    panel = Panel({"a": 1.2, "b": 2.0, "c": 2.2, "d": 3.6, "e": 4.5})
    random = np.random.default_rng(0)
    bias, inside, naive, gap = [], [], [], []
    for _ in range(STUDIES):
        given = panel.scores(raters, images, random)
        for version, values in given.items():
            found, truth = estimate(values, LEVEL), panel.truth(version)
            low, high = found.interval or (np.nan, np.nan)
            bias.append(found.mean - truth)
            inside.append(low <= truth <= high)
            naive.append(abs(found.mean - truth) <= 1.96 * values.std(ddof=1) / values.size**0.5)
        low, high = estimate(given["c"] - given["b"], LEVEL).interval or (np.nan, np.nan)
        gap.append(low <= panel.truth("c") - panel.truth("b") <= high)
    shares = [f"{np.mean(one):.1%}" for one in (inside, gap, naive)]
    return [f"MOS, {raters} raters, {images} images", f"{np.mean(bias):+.3f}", *shares]


def rankings(raters: int, cases: int, taste: float) -> list[str]:
    """Bias and coverage of Bradley and Terry's strengths of four versions."""
    truth = {"RCAN": -0.8, "ESRGAN": 0.0, "RankSRGAN": 0.1, "Beby-GAN": 0.7}
    _, study = load_study("beby")
    random = np.random.default_rng(0)
    bias, inside = [], []
    for _ in range(STUDIES):
        found = strengths(study, orders(truth, raters, cases, taste, random)).set_index("version")
        bias += [found.loc[name, "strength"] - true for name, true in truth.items()]
        inside += [found.loc[name, "low"] <= true <= found.loc[name, "high"] for name, true in truth.items()]
    kind = f"orders, {raters} raters, {cases} cases, own taste {taste:g}"
    worst = np.abs(np.reshape(bias, (-1, 4)).mean(axis=0)).mean()
    return [kind, f"{worst:.3f}", f"{np.mean(inside):.1%}", "", ""]


def cheats() -> list[list[str]]:
    """Of 200 panels of 26 raters with one cheat: how often the rules set it apart, and how often another."""
    from scipy.stats import spearmanr

    panel, rows = Panel({"a": 1.2, "b": 2.0, "c": 2.2, "d": 3.6, "e": 4.5}), []
    for name, cheat in CHEATS.items():
        random, found, wrong = np.random.default_rng(0), [], []
        for _ in range(200):
            given = np.concatenate(list(panel.scores(26, 14, random).values()), axis=1)
            given[0] = cheat(given[0], random)
            share, sided = outliers(given)
            agreement = [
                0.0 if np.ptp(own) == 0 else spearmanr(own, np.delete(given, rater, 0).mean(axis=0)).statistic
                for rater, own in enumerate(given)
            ]
            apart = ((share > 0.05) & (sided < 0.3)) | (np.array(agreement) < 0.5)
            found.append(apart[0])
            wrong.append(apart[1:].mean())
        rows.append([name, f"{np.mean(found):.1%}", f"{np.mean(wrong):.2%}"])
    return rows


def main() -> None:
    """Replace what stands between the two marks."""
    rows = [scores(26, 100), scores(26, 14), scores(26, 5), scores(10, 10)]
    rows += [rankings(30, 30, 0.0), rankings(30, 30, 0.5)]
    heads = ["study", "bias", "95 % interval holds the truth", "of a difference", "naive interval does"]
    text = table(heads, rows) + "\n\n" + table(["cheat", "set apart", "honest raters set apart"], cheats())
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    write_text(PAGE, before + BEGIN + "\n" + text + "\n\n" + END + rest.partition(END)[2])


if __name__ == "__main__":
    main()
