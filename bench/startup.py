"""Measure how long `agentmerge build` of a folder takes, beside the imports that it cannot do without.

    python bench/startup.py [FOLDER]        default: examples/backend/sources

Both are whole processes: a build with a new output file, and a Python that only imports the five
libraries. They alternate, so a busy machine slows both; the ratio of each pair is what counts. Both may
keep compiled modules, as an installed program does: without that a build compiles its own source each time.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

PAIRS = 7
IMPORTS = "import typer, mistune, ruamel.yaml, rapidfuzz, jinja2"
SOURCES = Path(__file__).resolve().parents[1] / "examples" / "backend" / "sources"


def seconds(command: Sequence[str], folder: Path) -> float:
    """Wall-clock seconds of one process that runs in ``folder``; raises when it fails."""
    keeping = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    began = time.perf_counter()
    subprocess.run(command, cwd=folder, env=keeping, check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    return time.perf_counter() - began


def pairs(sources: Path, count: int) -> list[tuple[float, float]]:
    """Seconds of a build and of the bare imports, ``count`` times in turn, after one unmeasured pair."""
    found = []
    with tempfile.TemporaryDirectory(prefix="agentmerge-bench-") as name:
        # No policy file lies here, so each build uses the default pack.
        folder = Path(name)
        for n in range(count + 1):
            build = [sys.executable, "-m", "agentmerge", "build", str(sources), "--output", f"canonical-{n}.md"]
            found.append((seconds(build, folder), seconds([sys.executable, "-c", IMPORTS], folder)))
    return found[1:]


def spread(values: Sequence[float], unit: str) -> str:
    """The median and the range of some measurements, on one line."""
    return f"{statistics.median(values):.3f}{unit} ({min(values):.3f} to {max(values):.3f})"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, default=SOURCES, help="a folder of agent files")
    found = pairs(parser.parse_args().folder.resolve(), PAIRS)
    print(f"build    {spread([build for build, _ in found], ' s')}")
    print(f"imports  {spread([bare for _, bare in found], ' s')}")
    print(f"ratio    {spread([build / bare for build, bare in found], '')}")


if __name__ == "__main__":
    main()
