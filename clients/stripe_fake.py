"""A stand-in for Stripe: the rules that its public documentation states, over HTTP on loopback.

It holds customers, invoices, invoice items and credit notes, and refuses what Stripe says that it refuses. Faults are told
to it under /_fake. `stripe_client.py` runs Stripe's own Python client against it, so that the stand-in is checked by
somebody else's code before piecework is checked against it. Standard library only.

    python3 stripe_fake.py ADDRESS_FILE [PROGRAM...]

writes where it listens into ADDRESS_FILE; runs until its standard input ends, or as long as PROGRAM (which gets the
address as a further argument), whose exit code is its own.

Rules, and where they are said:
- https://docs.stripe.com/api/idempotent_requests: the first answer is kept with its key, failures among them; another
  request under the key is refused; keys are forgotten after 24 hours; two at once are a conflict.
- https://docs.stripe.com/api/invoiceitems/create: draft invoices only, at most 250 items, one currency.
- https://docs.stripe.com/api/invoices: only drafts are deleted or finalized, only open or uncollectible ones voided.
- https://docs.stripe.com/api/credit_notes/create: finalized invoices only, never more than is left, and what exceeds the
  amount remaining must be given back in some way.
- https://docs.stripe.com/currencies: whole units for some currencies, hundreds or tens of units for others.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

VERSION = "2026-10-28.endive"
KEY = "sk_test_piecework"
KEYS_KEPT = 24 * 3600
HUNDREDS = {"isk", "ugx"}
TENS = {"bhd", "jod", "kwd", "omr", "tnd"}
INVOICE = {
    "customer", "currency", "auto_advance", "collection_method", "due_date", "days_until_due",
    "pending_invoice_items_behavior", "metadata", "custom_fields", "footer", "description", "expand",
}
ITEM = {"customer", "invoice", "currency", "amount", "description", "discountable", "period", "metadata", "expand"}
NOTE = {
    "invoice", "amount", "credit_amount", "refund_amount", "out_of_band_amount", "memo", "metadata", "email_type",
    "reason", "expand",
}


class Refused(Exception):
    def __init__(self, status, message, kind="invalid_request_error", code=None, keep=True):
        super().__init__(message)
        self.status, self.keep = status, keep
        self.body = {"error": {"type": kind, "message": message, **({"code": code} if code else {})}}


def missing(what, name):
    return Refused(404, f"No such {what}: '{name}'", code="resource_missing")


def fields(text):
    """A form as a tree: a[b]=c and a[0][b]=c."""
    tree = {}
    for name, value in urllib.parse.parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text)):
        parts = name.replace("]", "").split("[")
        own = tree
        for part in parts[:-1]:
            own = own.setdefault(part, {})
        if parts[-1] in own:
            raise Refused(400, f"Received the parameter twice: {name}", keep=False)
        own[parts[-1]] = value
    return tree


def whole(form, name, at_least=None):
    try:
        value = int(form[name])
    except KeyError:
        raise Refused(400, f"Missing required param: {name}.", keep=False) from None
    except ValueError:
        raise Refused(400, f"Invalid integer: {form[name]}", keep=False) from None
    if at_least is not None and value < at_least:
        raise Refused(400, f"Invalid {name}: must be at least {at_least}", keep=False)
    return value


def told(amount, currency):
    if currency in HUNDREDS and amount % 100:
        raise Refused(400, f"Invalid amount. {currency.upper()} must be evenly divisible by 100.")
    if currency in TENS and amount % 10:
        raise Refused(400, f"Invalid amount. {currency.upper()} must be evenly divisible by 10.")
    return amount


class Account:
    def __init__(self):
        self.lock = threading.RLock()
        self.offset = 0
        self.count = 0
        self.customers = {"cus_acme": {"id": "cus_acme", "balance": 0}, "cus_globex": {"id": "cus_globex", "balance": 0}}
        self.invoices, self.items, self.notes = {}, {}, {}
        self.keys = {}  # key -> (at, request, answer), or no answer while it is worked on
        self.faults = {}  # number of the request -> fault
        self.requests = 0
        self.log = []

    def now(self):
        return int(time.time()) + self.offset

    def name(self, prefix):
        self.count += 1
        return f"{prefix}_{self.count:08d}"

    # --- things ---------------------------------------------------------------------------------
    def known(self, form, allowed):
        unknown = set(form) - allowed
        if unknown:
            raise Refused(400, f"Received unknown parameter: {sorted(unknown)[0]}", code="parameter_unknown", keep=False)
        data = form.get("metadata", {})
        if len(data) > 50 or any(len(key) > 40 or len(value) > 500 for key, value in data.items()):
            raise Refused(400, "metadata: at most 50 keys of 40 characters, with 500 characters each", keep=False)

    def invoice(self, name):
        try:
            return self.invoices[name]
        except KeyError:
            raise missing("invoice", name) from None

    def shown(self, invoice):
        lines = [item for item in self.items.values() if item["invoice"] == invoice["id"]]
        total = sum(item["amount"] for item in lines) if invoice["status"] == "draft" else invoice["frozen"]
        credited = invoice["pre_payment_credit_notes_amount"]
        due = max(0, total - credited)
        paid = invoice["amount_paid"]
        return {
            "id": invoice["id"], "object": "invoice", "status": invoice["status"], "customer": invoice["customer"],
            "currency": invoice["currency"], "metadata": invoice["metadata"], "created": invoice["created"],
            "auto_advance": False, "collection_method": invoice["collection_method"],
            "custom_fields": invoice["custom_fields"], "due_date": invoice["due_date"],
            "total": total + invoice["tax"], "total_excluding_tax": total, "subtotal": total,
            "amount_due": due, "amount_paid": paid, "amount_remaining": max(0, due - paid),
            "pre_payment_credit_notes_amount": credited,
            "post_payment_credit_notes_amount": invoice["post_payment_credit_notes_amount"],
            "lines": {"object": "list", "data": lines[:10], "has_more": len(lines) > 10, "url": "/v1/lines"},
        }

    def make_invoice(self, form):
        self.known(form, INVOICE)
        if form.get("customer") not in self.customers:
            raise missing("customer", form.get("customer"))
        method = form.get("collection_method", "charge_automatically")
        if method == "send_invoice" and ("due_date" in form) == ("days_until_due" in form):
            raise Refused(400, "send_invoice needs one of due_date and days_until_due.", keep=False)
        if method != "send_invoice" and {"due_date", "days_until_due"} & set(form):
            raise Refused(400, "due_date and days_until_due are for send_invoice.", keep=False)
        due = None
        if "due_date" in form:
            due = whole(form, "due_date")
        elif method == "send_invoice":
            due = self.now() + 86400 * whole(form, "days_until_due", 0)
        if due is not None and due < self.now() - 60:
            raise Refused(400, "Invalid due_date: it is in the past.", keep=False)
        custom = [own for _, own in sorted(form.get("custom_fields", {}).items())]
        if len(custom) > 4 or any(len(own["name"]) > 40 or len(own["value"]) > 140 for own in custom):
            raise Refused(400, "custom_fields: at most 4, names of 40 and values of 140 characters.", keep=False)
        if form.get("pending_invoice_items_behavior", "exclude") != "exclude":
            raise Refused(400, "this stand-in has no pending items", keep=False)
        name = self.name("in")
        self.invoices[name] = {
            "id": name, "status": "draft", "customer": form["customer"], "currency": form.get("currency", "usd"),
            "metadata": form.get("metadata", {}), "created": self.now(), "collection_method": method,
            "custom_fields": custom, "due_date": due, "amount_paid": 0, "frozen": 0, "tax": 0,
            "pre_payment_credit_notes_amount": 0, "post_payment_credit_notes_amount": 0,
        }
        return self.shown(self.invoices[name])

    def make_item(self, form):
        self.known(form, ITEM)
        invoice = self.invoice(form.get("invoice"))
        if invoice["status"] != "draft":
            raise Refused(400, "The invoice is not editable: it is finalized.", code="invoice_not_editable")
        if form.get("customer") != invoice["customer"]:
            raise Refused(400, "The invoice belongs to another customer.")
        if form.get("currency") != invoice["currency"]:
            raise Refused(400, "The currency of the item is not that of the invoice.")
        if sum(item["invoice"] == invoice["id"] for item in self.items.values()) >= 250:
            raise Refused(400, "An invoice has at most 250 items.")
        period = form.get("period")
        if period is not None and whole(period, "end") < whole(period, "start"):
            raise Refused(400, "The period ends before it starts.", keep=False)
        name = self.name("ii")
        self.items[name] = {
            "id": name, "object": "invoiceitem", "invoice": invoice["id"], "customer": invoice["customer"],
            "amount": told(whole(form, "amount"), invoice["currency"]), "currency": invoice["currency"],
            "description": form.get("description"), "metadata": form.get("metadata", {}), "period": period,
            "discountable": form.get("discountable") == "true",
        }
        return self.items[name]

    def finalize(self, name):
        invoice = self.invoice(name)
        if invoice["status"] != "draft":
            raise Refused(400, "This invoice is already finalized.", code="invoice_not_editable")
        shown = self.shown(invoice)
        invoice["frozen"] = shown["total_excluding_tax"]
        invoice["status"] = "open" if shown["total"] > 0 else "paid"
        if shown["total"] < 0:
            self.customers[invoice["customer"]]["balance"] += shown["total"]
        return self.shown(invoice)

    def void(self, name):
        invoice = self.invoice(name)
        if invoice["status"] not in ("open", "uncollectible"):
            raise Refused(400, f"You can only void open invoices; this one is {invoice['status']}.")
        if invoice["amount_paid"]:
            raise Refused(400, "You cannot void an invoice with payments.")
        invoice["status"] = "void"
        return self.shown(invoice)

    def delete(self, name):
        invoice = self.invoice(name)
        if invoice["status"] != "draft":
            raise Refused(400, "You can only delete draft invoices.")
        del self.invoices[name]
        self.items = {key: own for key, own in self.items.items() if own["invoice"] != name}
        return {"id": name, "object": "invoice", "deleted": True}

    def pay(self, name, amount):
        invoice = self.invoice(name)
        if invoice["status"] != "open":
            raise Refused(400, f"This invoice cannot be paid; it is {invoice['status']}.")
        invoice["amount_paid"] += amount
        if not self.shown(invoice)["amount_remaining"]:
            invoice["status"] = "paid"
        return self.shown(invoice)

    def make_note(self, form):
        self.known(form, NOTE)
        invoice = self.invoice(form.get("invoice"))
        shown = self.shown(invoice)
        if invoice["status"] in ("draft", "void"):
            raise Refused(400, f"You cannot credit a {invoice['status']} invoice.")
        amount = told(whole(form, "amount", 1), invoice["currency"])
        left = shown["total"] - shown["pre_payment_credit_notes_amount"] - shown["post_payment_credit_notes_amount"]
        if amount > left:
            raise Refused(400, f"The credit note amount {amount} exceeds what is left of the invoice, {left}.")
        before = min(amount, shown["amount_remaining"])
        after = amount - before
        given = sum(whole(form, own, 0) for own in ("credit_amount", "refund_amount", "out_of_band_amount") if own in form)
        if given != after:
            raise Refused(400, f"Refunds, credits and out of band amounts are {given} and must be {after}.")
        invoice["pre_payment_credit_notes_amount"] += before
        invoice["post_payment_credit_notes_amount"] += after
        if invoice["status"] == "open" and not self.shown(invoice)["amount_remaining"]:
            invoice["status"] = "paid"
        credit = int(form.get("credit_amount", 0))
        self.customers[invoice["customer"]]["balance"] -= credit
        name = self.name("cn")
        self.notes[name] = {
            "id": name, "object": "credit_note", "invoice": invoice["id"], "amount": amount, "status": "issued",
            "currency": invoice["currency"], "metadata": form.get("metadata", {}), "memo": form.get("memo"),
            "pre_payment_amount": before, "post_payment_amount": after, "customer_balance_transaction": None,
        }
        return self.notes[name]

    def void_note(self, name):
        note = self.notes.get(name)
        if note is None:
            raise missing("credit note", name)
        invoice = self.invoice(note["invoice"])
        if note["status"] == "void" or note["post_payment_amount"] or invoice["status"] != "open":
            raise Refused(400, "This credit note cannot be voided.")
        note["status"] = "void"
        invoice["pre_payment_credit_notes_amount"] -= note["pre_payment_amount"]
        return note

    def page(self, path, all_of, query):
        limit = whole(query, "limit", 1) if "limit" in query else 10
        if limit > 100:
            raise Refused(400, "limit is at most 100")
        found = list(reversed(all_of))
        if "starting_after" in query:
            names = [own["id"] for own in found]
            if query["starting_after"] not in names:
                raise missing("object", query["starting_after"])
            found = found[names.index(query["starting_after"]) + 1:]
        return {"object": "list", "data": found[:limit], "has_more": len(found) > limit, "url": path}

    # --- requests -------------------------------------------------------------------------------
    def get(self, path, query):
        with self.lock:
            match path.split("/")[2:]:
                case ["invoices"]:
                    since = int(query.get("created", {}).get("gte", 0))
                    all_of = [own for own in self.invoices.values() if own["created"] >= since]
                    all_of = [own for own in all_of if query.get("customer") in (None, own["customer"])]
                    return self.page(path, [self.shown(own) for own in all_of], query)
                case ["invoices", name]:
                    return self.shown(self.invoice(name))
                case ["invoiceitems"]:
                    return self.page(path, [own for own in self.items.values() if own["invoice"] == query.get("invoice")], query)
                case ["credit_notes"]:
                    return self.page(path, [own for own in self.notes.values() if own["invoice"] == query.get("invoice")], query)
                case ["credit_notes", name] if name in self.notes:
                    return self.notes[name]
                case ["customers", name] if name in self.customers:
                    return {"object": "customer", **self.customers[name]}
        raise missing("thing", path)

    def post(self, path, form):
        with self.lock:
            match path.split("/")[2:]:
                case ["invoices"]:
                    return self.make_invoice(form)
                case ["invoices", name, "finalize"]:
                    return self.finalize(name)
                case ["invoices", name, "void"]:
                    return self.void(name)
                case ["invoices", name, "pay"]:
                    shown = self.shown(self.invoice(name))
                    return self.pay(name, shown["amount_remaining"])
                case ["invoiceitems"]:
                    return self.make_item(form)
                case ["credit_notes"]:
                    return self.make_note(form)
                case ["credit_notes", name, "void"]:
                    return self.void_note(name)
        raise missing("route", path)

    def once(self, key, request, act):
        """An answer and whether it was kept: the same for the same request under a key."""
        if key is None:
            return (*act(), False)
        if len(key) > 255:
            raise Refused(400, "An idempotency key has at most 255 characters.", keep=False)
        with self.lock:
            known = self.keys.get(key)
            if known is not None and self.now() - known[0] >= KEYS_KEPT:
                known = None
            if known is not None:
                if known[1] != request:
                    raise Refused(400, "Keys for idempotent requests can only be used with the same parameters they "
                                  "were first used with.", kind="idempotency_error", keep=False)
                if known[2] is None:
                    raise Refused(409, "There is currently another in-progress request using this key.",
                                  code="idempotency_key_in_use", keep=False)
                return (*known[2], True)
            self.keys[key] = (self.now(), request, None)
        try:
            answer = act()
        except Refused as refused:
            with self.lock:
                if refused.keep:
                    self.keys[key] = (self.now(), request, (refused.status, refused.body))
                else:
                    del self.keys[key]
            raise
        with self.lock:
            self.keys[key] = (self.now(), request, answer)
        return (*answer, False)

    def state(self):
        with self.lock:
            return {
                "invoices": [self.shown(own) for own in self.invoices.values()], "items": list(self.items.values()),
                "credit_notes": list(self.notes.values()), "customers": list(self.customers.values()),
                "requests": self.requests, "log": self.log,
            }


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    account = None

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.handle_one("GET")

    def do_POST(self):
        self.handle_one("POST")

    def do_DELETE(self):
        self.handle_one("DELETE")

    def answer(self, status, body, headers=()):
        data = json.dumps(body).encode()
        self.send_response(status)
        for name, value in (("content-type", "application/json"), ("content-length", str(len(data))), *headers):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def drop(self):
        self.close_connection = True
        self.connection.close()

    def handle_one(self, method):
        length = int(self.headers.get("content-length") or 0)
        text = self.rfile.read(length).decode()
        url = urllib.parse.urlsplit(self.path)
        if url.path.startswith("/_fake/"):
            return self.told(url.path, json.loads(text or "{}"))
        account = self.account
        with account.lock:
            account.requests += 1
            fault = account.faults.get(account.requests) or account.faults.get("all") or {}
            account.log.append(f"{method} {self.path}")
        what = fault.get("do")
        if what == "kill_before":
            os.kill(fault["pid"], signal.SIGKILL)
            return self.drop()
        if what == "drop_before":
            return self.drop()
        if what == "busy":
            return self.answer(429, {"error": {"type": "invalid_request_error", "code": "rate_limit", "message": "busy"}})
        if what == "down":
            return self.answer(503, {"error": {"type": "api_error", "message": "down"}})
        try:
            status, body, replayed = self.served(method, url, text, what)
        except Refused as refused:
            status, body, replayed = refused.status, refused.body, False
        if what == "kill_after":
            os.kill(fault["pid"], signal.SIGKILL)
            return self.drop()
        if what == "drop_after":
            return self.drop()
        headers = [("idempotent-replayed", "true")] if replayed else []
        if status >= 500:
            headers.append(("stripe-should-retry", "false"))
        return self.answer(status, body, headers)

    def served(self, method, url, text, fault):
        account = self.account
        shown = self.headers.get("authorization", "")
        if shown.removeprefix("Bearer ") != KEY:
            raise Refused(401, "Invalid API Key provided: sk_****", keep=False)
        if self.headers.get("stripe-version") != VERSION:
            raise Refused(400, "This stand-in speaks one version.", keep=False)
        if method == "GET":
            return 200, account.get(url.path, fields(url.query)), False
        if method == "DELETE":
            with account.lock:
                name = url.path.split("/")[3]
                return 200, account.delete(name), False
        if text and self.headers.get("content-type") != "application/x-www-form-urlencoded":
            raise Refused(400, "Bodies are forms.", keep=False)

        def act():
            answer = account.post(url.path, fields(text))
            if fault == "fail_after":
                # It was done, and the failure is what is kept.
                return 500, {"error": {"type": "api_error", "message": "failed after it was done"}}
            return 200, answer

        def act_or_fail():
            if fault == "fail_before":
                return 500, {"error": {"type": "api_error", "message": "failed before it was done"}}
            return act()

        return account.once(self.headers.get("idempotency-key"), (url.path, text), act_or_fail)

    def told(self, path, body):
        account = self.account
        with account.lock:
            match path:
                case "/_fake/state":
                    return self.answer(200, account.state())
                case "/_fake/fault":  # {"at": request number or "all", "do": fault, "pid": process}; counts from now
                    at = body["at"] if body["at"] == "all" else account.requests + body["at"]
                    account.faults[at] = body
                case "/_fake/well":
                    account.faults.clear()
                case "/_fake/pass":
                    account.offset += body["seconds"]
                case "/_fake/now":
                    account.offset = body["now"] - int(time.time())
                case "/_fake/pay":
                    account.pay(body["invoice"], body["amount"])
                case "/_fake/finalize":
                    account.finalize(body["invoice"])
                case "/_fake/item":  # somebody adds an item by hand
                    account.make_item(body)
                case "/_fake/begin":
                    account.__init__()
                case _:
                    return self.answer(404, {})
        return self.answer(200, {})


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass


def main():
    Handler.account = Account()
    server = Server(("127.0.0.1", 0), Handler)
    address = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    new = sys.argv[1] + ".new"
    with open(new, "w") as file:
        file.write(address)
    os.replace(new, sys.argv[1])
    if len(sys.argv) > 2:
        sys.exit(subprocess.run([*sys.argv[2:], address], check=False).returncode)
    sys.stdin.read()


if __name__ == "__main__":
    main()
