"""Recomputes vectors: `python3 vectors.py DIRECTORY`, files as docs/reference/recompute/vectors/README.md tells.

Says of each statement that comes out otherwise what differs, and ends with 1 if any does.
"""

import hashlib
import json
import sys
from pathlib import Path

import verify_piecework as v


def read_vector(path):
    """A file of vectors: its case, its entries, what is expected of them."""
    lines = [line for line in path.read_bytes().split(b"\n") if line]
    case = json.loads(lines[0])["case"]
    expected = [json.loads(line)["expected"] for line in lines[1:] if line.startswith(b'{"expected"')]
    entries = [v.parse_entry(line)[0] for line in lines[1:] if not line.startswith(b'{"expected"')]
    return case, entries, expected


def bodies(path):
    """The bodies that a file expects, with what is recomputed: (expected, body, digest), and where the statement is
    issued in the log, the cells recomputed and stated."""
    case, entries, expected = read_vector(path)
    account = v.Account(case["customer"], v.standing_facts(list(enumerate(entries))))
    issued = {
        (own.contract, own.cut, own.coverage): own.cells
        for agreement in account.agreements.values()
        for own in agreement.statements
    }
    acted = {cover.entry for cover in account.covers}
    for entry, event in enumerate(entries):
        if event.kind == "cover.issued" and entry not in acted:
            raise v.Malformed(f"entry {entry}: {dict(account.flagged).get(entry)}")
    for wanted in expected:
        book = v.Book(case["customer"], list(enumerate(entries[: int(wanted["coverage"])])))
        draft = v.StatementDraft(book, wanted["contract"], v.parse_instant(wanted["cut"]))
        stated = issued.get((wanted["contract"], draft.cut, int(wanted["coverage"])))
        cells = None if stated is None else (draft.stated_cells, stated)
        yield wanted, draft.body().decode(), hashlib.sha256(draft.body()).hexdigest(), cells


def differences(path):
    """What is recomputed otherwise than the file expects, in words."""
    try:
        for wanted, body, digest, _ in bodies(path):
            if digest == wanted["digest"]:
                continue
            yield f"the statement of {wanted['cut']} from {wanted['coverage']} entries differs"
            ours, theirs = json.loads(body), wanted["body"]
            for member in sorted(ours.keys() | theirs.keys()):
                if ours.get(member) != theirs.get(member):
                    yield f"  {member}, expected:   {json.dumps(theirs.get(member))}"
                    yield f"  {member}, recomputed: {json.dumps(ours.get(member))}"
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told of this file, and the others go on
        yield f"{type(error).__name__}: {error}"


def main(directory):
    failed = 0
    for path in sorted(Path(directory).glob("*.jsonl")):
        told = list(differences(path))
        failed += bool(told)
        if told:
            print(f"{path.stem}: " + "\n  ".join(told))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
