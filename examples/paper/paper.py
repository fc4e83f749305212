"""The publication's results from runs at full scale: what is kept of each run, and the tables and figures of all.

    python paper.py collect RUN_DIR... --to FOLDER      each run to one small file
    python paper.py tables FILE... --to FOLDER          tables and figures, published beside ours, and FOLDER.md
    python paper.py tables FILE... --publish            the same, added to what is beside this script and in
                                                        REPRODUCTION.md

Both steps may happen on different machines. They need numpy and pandas, the second also matplotlib. A RUN_DIR may be a
folder that holds many runs, such as `out/paper`; a FILE may be a folder of collected files. The publication is Pronold
et al. 2024 (doi:10.1093/cercor/bhae409); REPRODUCTION.md tells what its results are.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from collected import collect_all
from run_folder import CollectError

HERE = Path(__file__).resolve().parent


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    steps = parser.add_subparsers(dest="step", required=True)
    collect = steps.add_parser("collect", help="keep what matters of each run in one small file")
    collect.add_argument("runs", nargs="+", type=Path, metavar="RUN_DIR", help="run folders, or folders that hold some")
    collect.add_argument("--to", type=Path, required=True, metavar="FOLDER", help="folder of the collected files")
    collect.add_argument("--force", action="store_true", help="collect again what is there")
    tables = steps.add_parser("tables", help="make tables and figures of collected files")
    tables.add_argument("files", nargs="+", type=Path, metavar="FILE", help="collected files, or folders of them")
    where = tables.add_mutually_exclusive_group(required=True)
    where.add_argument("--to", type=Path, metavar="FOLDER", help="folder of tables and figures; FOLDER.md shows them")
    where.add_argument("--publish", action="store_true", help="add them to those of this repository")
    return parser.parse_args()


def tables(files: list[Path], to: Path | None) -> None:
    """Tables and figures of collected files, in a folder or in the repository."""
    # Collecting needs no matplotlib.
    from results import write_results

    found = [sorted(path.glob("*.npz")) if path.is_dir() else [path] for path in files]
    publish = to is None
    to = HERE / "results" if to is None else to
    document = HERE.parents[1] / "REPRODUCTION.md" if publish else to.with_name(to.name + ".md")
    write_results([path for paths in found for path in paths], to, document, publish)


def main() -> int:
    """Does what the command line asks for."""
    given = arguments()
    start = time.monotonic()
    try:
        if given.step == "tables":
            tables(given.files, None if given.publish else given.to)
            return 0
        failed = collect_all(given.runs, given.to, given.force)
    except (CollectError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"done in {time.monotonic() - start:.1f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
