"""The publication's results from runs at full scale: what is kept of each run, and the tables and figures of all.

    python paper.py collect RUN_DIR... --to FOLDER      each run to one small file
    python paper.py tables FILE... --to FOLDER          tables and figures, published beside ours

Both steps may happen on different machines. The first needs numpy and pandas, the second matplotlib, too. A RUN_DIR may be
a folder that holds many runs, such as `out/paper`. The publication is Pronold et al. 2024 (doi:10.1093/cercor/bhae409).
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from collected import CollectError, collect_all


def main() -> int:
    """Reads the command line and does what it asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    steps = parser.add_subparsers(dest="step", required=True)
    collect = steps.add_parser("collect", help="keep what matters of each run in one small file")
    collect.add_argument("runs", nargs="+", type=Path, metavar="RUN_DIR", help="run folders, or folders that hold some")
    collect.add_argument("--to", type=Path, required=True, metavar="FOLDER", help="folder of the collected files")
    collect.add_argument("--force", action="store_true", help="collect again what is there")
    arguments = parser.parse_args()
    start = time.monotonic()
    try:
        failed = collect_all(arguments.runs, arguments.to, arguments.force)
    except CollectError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"done in {time.monotonic() - start:.1f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
