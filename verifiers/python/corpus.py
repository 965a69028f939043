#!/usr/bin/env python3
"""Run the verifier over a directory of proof files whose verdicts are known.

    python3 corpus.py DIR

DIR holds the files and `expected.tsv`. Its columns are file, verdict (`valid` or `refused`), code, the vkey to pin,
and size and root of the head to pin, with `-` where there is none. Every disagreement is printed, and a closing line
counts. Exit codes: 0 all agree, 1 some do not, 2 wrong usage.
"""

from __future__ import annotations

import csv
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import verify_piecework as v

PROCESSES = 2
COLUMNS = ["file", "verdict", "code", "vkey", "size", "root"]


def read_expected(directory: Path) -> list[dict[str, str]]:
    with open(directory / "expected.tsv", encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        if rows.fieldnames != COLUMNS:
            raise ValueError(f"expected.tsv has the columns {rows.fieldnames}, not {COLUMNS}")
        return list(rows)


def disagreement(directory: Path, row: dict[str, str]) -> str | None:
    """What the verifier says otherwise than the row; None where they agree."""
    expected = "valid" if row["verdict"] == "valid" else row["code"]
    trust = v.Trust()
    if row["vkey"] != "-":
        trust.keys.append(v.parse_vkey(row["vkey"]))
    if row["size"] != "-":
        trust.head = v.parse_head(row["size"], row["root"])
    found, reason = "valid", ""
    try:
        v.verify((directory / row["file"]).read_bytes(), trust)
    except v.Refused as refusal:
        found, reason = refusal.code, refusal.reason
    except Exception as error:  # a verifier that stops has not answered: that is a disagreement of its own
        found, reason = "stopped", f"{type(error).__name__}: {error}"
    if found == expected:
        return None
    return f"{row['file']}: expected {expected}, found {found}" + (f" ({reason})" if reason else "")


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("usage: corpus.py DIR", file=sys.stderr)
        return 2
    directory = Path(arguments[0])
    try:
        rows = read_expected(directory)
    except (OSError, ValueError) as error:
        print(f"corpus: {error}", file=sys.stderr)
        return 2
    if not rows:
        print("corpus: expected.tsv names no file", file=sys.stderr)
        return 2
    failed = 0
    with ProcessPoolExecutor(PROCESSES) as pool:
        for found in pool.map(disagreement, [directory] * len(rows), rows, chunksize=4):
            if found is not None:
                failed += 1
                print(found)
    print(f"{len(rows) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
