"""What beancount makes of a journal: every account's balance by currency, as JSON; its errors, and an exit code, where it has any."""

import json
import sys
from collections import defaultdict
from decimal import Decimal

from beancount import loader
from beancount.core.data import Transaction

entries, errors, _ = loader.load_file(sys.argv[1])
if errors:
    for error in errors:
        print(error, file=sys.stderr)
    sys.exit(1)
sums = defaultdict(Decimal)
for entry in entries:
    if isinstance(entry, Transaction):
        for posting in entry.postings:
            sums[f"{posting.account} {posting.units.currency}"] += posting.units.number
balances = {name: f"{number:f}" for name, number in sums.items() if number}
json.dump(balances, sys.stdout)
