"""How the composed agent compares with what people made by hand of the same files.

    python bench/composition.py [merges] [seeds] [restated]    default: all three
    python bench/composition.py --missing                      with the lines and statements in question
    python bench/composition.py --restated TEAM                the claims that a team's result still says more than once

``merges``: five public consolidations. Kept words are those of lines of the real result that stood, nearly, in a source;
held is the share of them that our result has too; length is ours by theirs. ``seeds``: the careful merge of the seeds; of what it
kept, trimmed or translated the share that ours says too, of what it absorbed the share that is gone. ``restated``: the labelled
restatements that are left, beside the least that lines covering every claim could leave.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import handmade

SHARED = Path(__file__).resolve().parents[2] / "shared"
HELD, LENGTH, KEPT, GONE = 0.95, 1.25, 0.90, 0.70


def merges(shared: Path, *, missing: bool) -> None:
    print(f"{'consolidation':34} {'base':4}  kept words   held  body  whole   (asked: held >= {HELD}, length <= {LENGTH})")
    for folder in sorted(path.parent for path in (shared / "data" / "merges").glob("*/case.json")):
        for found in (handmade.consolidation(folder, base=base) for base in (False, True)):
            if found is None:
                continue
            row = f"{found.carried:10}  {found.share:5.3f}  {found.body:4.2f}  {found.whole:5.2f}"
            print(f"{found.case:34} {'yes' if found.base else 'no':4}  {row}", flush=True)
            if missing:
                print(*(f"    missing: {line}" for line in found.missing), sep="\n")


def seeds(shared: Path, *, missing: bool) -> None:
    found = handmade.verdicts(shared)
    placed = [v for v in found if v.unit]
    by_hand = [v for v in placed if v.verdict in ("kept", "trimmed", "translated")]
    absorbed = [v for v in placed if v.verdict == "absorbed"]
    themselves, lost = [v for v in by_hand if v.stands], [v for v in by_hand if not v.stands and not v.wording]
    claimed, still = [v for v in by_hand if not v.stands and v.wording == "claimed"], [v for v in absorbed if v.stands]
    print(f"seeds: {len(found)} statements, {len(found) - len(placed)} in no unit")
    merged = len(by_hand) - len(lost) - len(themselves) - len(claimed)
    share = f"{1 - len(lost) / len(by_hand):.3f} of {len(by_hand)}"
    print(f"  kept by hand: {share} said (asked >= {KEPT}): {len(themselves)} themselves, {merged} merged, {len(claimed)} claimed")
    gone = len([v for v in absorbed if not v.stands and not v.wording])
    print(f"  absorbed by hand: {1 - len(still) / len(absorbed):.3f} of {len(absorbed)} gone (asked >= {GONE}); said by nobody: {gone}")
    if missing:
        unplaced = (f"    in no unit: {v.statement} {v.verdict}: {v.canonical[:90]}" for v in found if not v.unit)
        print(*unplaced, *(f"    lost: {_said(v)}" for v in lost), sep="\n")
        shared_units = {v.unit.id for v in by_hand if v.unit}
        for v in still:
            note = " (one unit with a statement kept by hand)" if v.unit and v.unit.id in shared_units else ""
            print(f"    still here: {_said(v)}{note}\n      absorbed into {v.target}: {v.canonical[:200]}")


def _said(verdict: handmade.Verdict) -> str:
    text = " ".join(verdict.unit.text.split()) if verdict.unit else ""
    return f"{verdict.place} [{verdict.statement}] {text[:160]}"


def restated(shared: Path, names: Sequence[str], *, missing: bool) -> None:
    for team in names:
        found = handmade.restatements(shared, team)
        print(f"{team}: restated {found.ratio:.3f}, least {found.least:.3f}; {len(found.claims)} claims more than once")
        for claim, lines in found.claims if missing else ():
            print(f"  {claim}", *(f"    {line[:170]}" for line in lines), sep="\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("what", nargs="*", choices=["merges", "seeds", "restated", []], default=[])
    parser.add_argument("--shared", type=Path, default=SHARED)
    parser.add_argument("--missing", action="store_true", help="print the lines and statements in question")
    parser.add_argument("--restated", metavar="TEAM", help="print the claims that this team's result says more than once")
    options = parser.parse_args()
    if not options.shared.is_dir():
        parser.error(f"no shared data at {options.shared}: name its folder with --shared")
    if options.restated:
        if options.restated not in set(handmade.teams(options.shared)):
            parser.error(f"no labelled team {options.restated!r}: {', '.join(handmade.teams(options.shared))}")
        restated(options.shared, [options.restated], missing=True)
        return
    what = options.what or ["merges", "seeds", "restated"]
    if "merges" in what:
        merges(options.shared, missing=options.missing)
    if "seeds" in what:
        seeds(options.shared, missing=options.missing)
    if "restated" in what:
        restated(options.shared, list(handmade.teams(options.shared)), missing=options.missing)


if __name__ == "__main__":
    main()
