"""Stripe's own client for Python against the stand-in: does the stand-in hold the rules that it is there for?

    python3 stripe_fake.py ADDRESS_FILE python3 stripe_client.py
"""

import json
import sys
import threading
import urllib.request

import stripe

address = sys.argv[1]


def client(key="sk_test_piecework"):
    return stripe.StripeClient(
        key, base_addresses={"api": address}, max_network_retries=0, http_client=stripe.RequestsClient()
    )


def fake(what, **body):
    request = urllib.request.Request(f"{address}/_fake/{what}", data=json.dumps(body).encode(), method="POST")
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def refused(act, error=stripe.InvalidRequestError, says=""):
    try:
        act()
    except error as caught:
        assert says in str(caught), f"{caught} does not say {says!r}"
        return caught
    raise AssertionError(f"not refused: {says}")


api = client().v1


def invoice(**more):
    return api.invoices.create({
        "customer": "cus_acme", "currency": "usd", "auto_advance": False, "collection_method": "send_invoice",
        "days_until_due": 30, "pending_invoice_items_behavior": "exclude", "metadata": {"a": "b"}, **more,
    })


def item(of, amount, currency="usd", **more):
    return api.invoice_items.create({
        "customer": "cus_acme", "invoice": of.id, "amount": amount, "currency": currency, "discountable": False, **more,
    })


# Who may ask.
refused(lambda: client("sk_test_other").v1.invoices.list(), stripe.AuthenticationError)
assert stripe.api_version == "2026-10-28.endive", stripe.api_version

# An invoice and its items.
own = invoice()
assert (own.status, own.total, own.metadata["a"]) == ("draft", 0, "b")
item(own, 1000, description="seats", period={"start": 1, "end": 2}, metadata={"line": "1"})
item(own, -250)
assert api.invoices.retrieve(own.id).total == 750
assert len(api.invoice_items.list({"invoice": own.id}).data) == 2
refused(lambda: item(own, 5, currency="eur"), says="currency")
refused(lambda: item(own, "x"), says="integer")
refused(lambda: invoice(days_until_due="", due_date=1))
refused(lambda: invoice(customer="cus_nobody"), says="No such customer")
refused(lambda: invoice(custom_fields=[{"name": "x", "value": "y" * 141}]), says="custom_fields")
refused(lambda: invoice(nonsense=1), says="unknown parameter")
refused(lambda: invoice(metadata={"x": "y" * 501}), says="metadata")

# A finalized invoice is what it is.
assert api.invoices.finalize_invoice(own.id, {"auto_advance": False}).status == "open"
refused(lambda: api.invoices.finalize_invoice(own.id), says="already finalized")
refused(lambda: item(own, 1), says="finalized")
refused(lambda: api.invoices.delete(own.id), says="only delete draft")

# Credit notes: on what is open, and beyond it on what was paid.
note = api.credit_notes.create({"invoice": own.id, "amount": 50, "metadata": {"n": "1"}, "email_type": "none"})
assert (note.pre_payment_amount, note.post_payment_amount) == (50, 0)
assert api.invoices.retrieve(own.id).amount_remaining == 700
assert api.credit_notes.void_credit_note(note.id).status == "void"
assert api.invoices.retrieve(own.id).amount_remaining == 750
refused(lambda: api.credit_notes.create({"invoice": own.id, "amount": 751}), says="exceeds")
refused(lambda: api.credit_notes.create({"invoice": own.id, "amount": 5, "credit_amount": 5}), says="must be 0")
fake("pay", invoice=own.id, amount=700)
refused(lambda: api.invoices.void_invoice(own.id), says="payments")
refused(lambda: api.credit_notes.create({"invoice": own.id, "amount": 60}), says="must be 10")
note = api.credit_notes.create({"invoice": own.id, "amount": 60, "credit_amount": 10})
assert (note.pre_payment_amount, note.post_payment_amount) == (50, 10)
assert api.invoices.retrieve(own.id).status == "paid"
assert api.customers.retrieve("cus_acme").balance == -10
refused(lambda: api.credit_notes.void_credit_note(note.id), says="cannot be voided")
refused(lambda: api.credit_notes.create({"invoice": own.id, "amount": 691, "credit_amount": 691}), says="exceeds")
assert len(api.credit_notes.list({"invoice": own.id}).data) == 2

# Drafts are deleted, open ones voided, and neither the other way round.
draft = invoice()
refused(lambda: api.invoices.void_invoice(draft.id), says="only void open")
refused(lambda: api.credit_notes.create({"invoice": draft.id, "amount": 1}), says="draft")
assert api.invoices.delete(draft.id).deleted
refused(lambda: api.invoices.retrieve(draft.id), says="No such invoice")
opened = invoice()
item(opened, 10)
api.invoices.finalize_invoice(opened.id)
assert api.invoices.void_invoice(opened.id).status == "void"
refused(lambda: api.credit_notes.create({"invoice": opened.id, "amount": 1}), says="void")

# Nothing to pay is paid; less than nothing is balance.
for amount, balance in ((0, -10), (-30, -40)):
    nothing = invoice()
    item(nothing, amount)
    assert api.invoices.finalize_invoice(nothing.id).status == "paid"
    assert api.customers.retrieve("cus_acme").balance == balance

# 250 items and no more.
many = invoice()
for _ in range(250):
    item(many, 1)
refused(lambda: item(many, 1), says="250")
pages = list(api.invoice_items.list({"invoice": many.id, "limit": 100}).auto_paging_iter())
assert len(pages) == 250

# Currencies without coins that are told in hundreds.
krona = invoice(currency="isk")
refused(lambda: item(krona, 150, currency="isk"), says="divisible by 100")
item(krona, 200, currency="isk")

# Keys: the same answer, another request, a failure that is kept, and the end of a key.
key = {"idempotency_key": "k1"}


def under(key, amount):
    return api.invoice_items.create(
        {"customer": "cus_acme", "invoice": krona.id, "amount": amount, "currency": "isk"}, {"idempotency_key": key}
    )


first = under("k1", 300)
assert under("k1", 300).id == first.id
refused(lambda: under("k1", 400), stripe.IdempotencyError, "same parameters")
refused(lambda: under("k2", 150), says="divisible")
refused(lambda: under("k2", 150), says="divisible")
fake("fault", at=1, do="fail_after")
refused(lambda: under("k3", 500), stripe.APIError, "after it was done")
refused(lambda: under("k3", 500), stripe.APIError, "after it was done")
assert sum(own.amount == 500 for own in api.invoice_items.list({"invoice": krona.id}).data) == 1
fake("pass", seconds=24 * 3600)
assert under("k1", 300).id != first.id

# Faults are what they say they are, and the client goes on after them.
fake("fault", at=1, do="busy")
refused(lambda: api.invoices.list(), stripe.RateLimitError)
for fault in ("drop_before", "drop_after"):
    fake("fault", at=1, do=fault)
    refused(lambda: api.invoices.list(), stripe.APIConnectionError)
    assert api.invoices.list().data

# Two at once under one key: one is done, the other waits or is told to.
results = []


def both():
    try:
        results.append(under("k4", 600).id)
    except stripe.StripeError as error:
        results.append(error.code)


threads = [threading.Thread(target=both) for _ in range(2)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
made = {own for own in results if own != "idempotency_key_in_use"}
assert len(made) == 1, results

retrying = stripe.StripeClient(
    "sk_test_piecework", base_addresses={"api": address}, max_network_retries=2, http_client=stripe.RequestsClient()
)
fake("fault", at=1, do="drop_after")
before = len(fake("state")["invoices"])
retrying.v1.invoices.create({"customer": "cus_globex", "currency": "usd"})
assert len(fake("state")["invoices"]) == before + 1
print("the stand-in holds its rules")
