//! [`Step`]: one thing to be brought about at Stripe.

use serde::{Deserialize, Serialize};

use super::answer::{CreditNote, Invoice};
use super::{form, words};

/// One thing to be brought about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What people call it.
    pub name: String,
    /// By what it makes is found again.
    pub mark: String,
    /// What it is.
    pub what: What,
}

/// What a step brings about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum What {
    /// A draft invoice.
    Invoice {
        /// The customer at Stripe.
        customer: String,
        /// The fields.
        form: Vec<(String, String)>,
    },
    /// An item of the document's invoice.
    Item {
        /// The fields but for the invoice.
        form: Vec<(String, String)>,
    },
    /// The certainty that the document's invoice comes to so much.
    Check {
        /// In Stripe's units.
        total: i64,
        /// In lower case.
        currency: String,
    },
    /// A credit note against the invoice of a statement, or of the cover that it is under.
    Credit {
        /// The statement.
        origin: String,
        /// In Stripe's units.
        amount: i64,
        /// In lower case.
        currency: String,
        /// The fields but for invoice and amounts.
        form: Vec<(String, String)>,
    },
    /// The end of the draft.
    Finalize,
    /// That an invoice is gone or void.
    Withdraw {
        /// The statement or cover that it is of.
        of: String,
        /// Its id.
        id: String,
    },
    /// That a credit note is void.
    WithdrawCredit {
        /// What people call it.
        of: String,
        /// Its id.
        id: String,
    },
}

/// The method of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Looks.
    Get,
    /// Makes or changes.
    Post,
    /// Deletes.
    Delete,
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path, with its query.
    pub path: String,
    /// The body; empty where there is none.
    pub body: String,
}

impl Request {
    /// A look at a path.
    #[must_use]
    pub fn get(path: String) -> Request {
        Request {
            method: Method::Get,
            path,
            body: String::new(),
        }
    }

    fn post(path: impl Into<String>, fields: &[(String, String)]) -> Request {
        Request {
            method: Method::Post,
            path: path.into(),
            body: form::encoded(fields),
        }
    }

    /// A look at one invoice.
    #[must_use]
    pub fn invoice(id: &str) -> Request {
        Request::get(format!("/v1/invoices/{id}"))
    }

    /// A look at one credit note.
    #[must_use]
    pub fn credit_note(id: &str) -> Request {
        Request::get(format!("/v1/credit_notes/{id}"))
    }
}

/// Why a step is not asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hold {
    /// It is so already.
    Done,
    /// Something must happen at Stripe first.
    Wait(String),
    /// It is for a person to decide.
    Person(String),
}

impl Step {
    /// The fields that are always the same of a thing that is made.
    fn field(name: &str, value: &(impl ToString + ?Sized)) -> (String, String) {
        (name.to_owned(), value.to_string())
    }

    /// What makes an invoice, or an item of `invoice`; nothing for other steps.
    #[must_use]
    pub fn request(&self, invoice: Option<&str>) -> Option<Request> {
        match (&self.what, invoice) {
            (What::Invoice { form, .. }, _) => Some(Request::post("/v1/invoices", form)),
            (What::Item { form }, Some(invoice)) => {
                let mut form = form.clone();
                form.push(Step::field("invoice", invoice));
                Some(Request::post("/v1/invoiceitems", &form))
            }
            _ => None,
        }
    }

    /// A credit note against an invoice as it is now.
    ///
    /// What is not paid yet is credited on the invoice; the rest goes to the customer's balance.
    ///
    /// # Errors
    /// [`Hold`] where that cannot be.
    pub fn credit(&self, origin: &Invoice) -> Result<Request, Hold> {
        let What::Credit {
            origin: statement,
            amount,
            form,
            ..
        } = &self.what
        else {
            return Err(Hold::Person("it is no credit note".to_owned()));
        };
        let told = words(*amount, &origin.currency);
        let id = &origin.id;
        match origin.status() {
            "draft" => {
                return Err(Hold::Wait(format!(
                    "the invoice {id} of {statement} is a draft; finalize it at Stripe, then {told} is credited on it"
                )));
            }
            "void" => {
                return Err(Hold::Person(format!(
                    "the invoice {id} of {statement} is void at Stripe, so {told} cannot be credited on it"
                )));
            }
            _ => {}
        }
        if origin.before_tax() != origin.total {
            return Err(Hold::Person(format!(
                "the invoice {id} of {statement} bears tax at Stripe: credit {told} before tax there, line by line"
            )));
        }
        if origin.left() < *amount {
            let left = words(origin.left(), &origin.currency);
            return Err(Hold::Person(format!(
                "{left} is left of the invoice {id} of {statement}, and {told} is to be credited: somebody credited it \
                 at Stripe"
            )));
        }
        let mut form = form.clone();
        form.push(Step::field("invoice", id));
        form.push(Step::field("amount", amount));
        let to_balance = amount.saturating_sub(origin.amount_remaining.max(0));
        if to_balance > 0 {
            form.push(Step::field("credit_amount", &to_balance));
        }
        Ok(Request::post("/v1/credit_notes", &form))
    }

    /// Whether the document's invoice is what it must be.
    ///
    /// # Errors
    /// [`Hold`] where it is not.
    pub fn check(&self, found: &Invoice) -> Result<(), Hold> {
        let What::Check { total, currency } = &self.what else {
            return Ok(());
        };
        if found.before_tax() == *total && found.currency == *currency {
            return Ok(());
        }
        Err(Hold::Person(format!(
            "Stripe's invoice {} comes to {} before tax, and piecework's to {}: it is not finalized; look for items \
             or discounts that somebody added",
            found.id,
            words(found.before_tax(), &found.currency),
            words(*total, currency),
        )))
    }

    /// What ends the draft of an invoice as it is now.
    ///
    /// # Errors
    /// [`Hold`] where nothing is to be asked.
    pub fn finalize(&self, found: &Invoice) -> Result<Request, Hold> {
        match found.status() {
            "draft" => {
                let fields = [Step::field("auto_advance", "false")];
                Ok(Request::post(
                    format!("/v1/invoices/{}/finalize", found.id),
                    &fields,
                ))
            }
            _ => Err(Hold::Done),
        }
    }

    /// What withdraws an invoice as it is now.
    ///
    /// # Errors
    /// [`Hold`] where nothing is to be asked.
    pub fn withdraw(&self, found: &Invoice) -> Result<Request, Hold> {
        let id = &found.id;
        let paid = || {
            Hold::Person(format!(
                "the invoice {id} was paid at Stripe ({}): give the money back there, or record the payment and credit \
                 the statement",
                words(found.amount_paid.max(found.total), &found.currency)
            ))
        };
        match found.status() {
            "draft" => Ok(Request {
                method: Method::Delete,
                path: format!("/v1/invoices/{id}"),
                body: String::new(),
            }),
            "open" | "uncollectible" if found.amount_paid == 0 => {
                Ok(Request::post(format!("/v1/invoices/{id}/void"), &[]))
            }
            "void" => Err(Hold::Done),
            // Nothing was to be paid, and nothing was.
            "paid" if found.total == 0 => Err(Hold::Done),
            "paid" if found.total < 0 => Err(Hold::Person(format!(
                "the invoice {id} gave {} to the customer's balance at Stripe: take it back there",
                words(found.total.saturating_neg(), &found.currency)
            ))),
            _ => Err(paid()),
        }
    }

    /// What withdraws a credit note as it is now.
    ///
    /// # Errors
    /// [`Hold`] where nothing is to be asked.
    pub fn withdraw_credit(&self, found: &CreditNote) -> Result<Request, Hold> {
        if found.status == "void" {
            return Err(Hold::Done);
        }
        if found.post_payment_amount > 0 {
            return Err(Hold::Person(format!(
                "the credit note {} went to the customer's balance at Stripe, which a void does not take back: take \
                 it back there",
                found.id
            )));
        }
        Ok(Request::post(
            format!("/v1/credit_notes/{}/void", found.id),
            &[],
        ))
    }

    /// A page of the things among which what the step made would be, after one of them; `invoice` is the one that it
    /// is of, `since` an instant before which it was not made.
    #[must_use]
    pub fn look(&self, invoice: Option<&str>, since: i64, after: Option<&str>) -> Option<Request> {
        let (path, mut fields) = match (&self.what, invoice) {
            (What::Invoice { customer, .. }, _) => (
                "/v1/invoices",
                vec![
                    Step::field("customer", customer),
                    Step::field("created[gte]", &since),
                ],
            ),
            (What::Item { .. }, Some(invoice)) => {
                ("/v1/invoiceitems", vec![Step::field("invoice", invoice)])
            }
            (What::Credit { .. }, Some(invoice)) => {
                ("/v1/credit_notes", vec![Step::field("invoice", invoice)])
            }
            _ => return None,
        };
        fields.push(Step::field("limit", &100));
        if let Some(after) = after {
            fields.push(Step::field("starting_after", after));
        }
        Some(Request::get(format!("{path}?{}", form::encoded(&fields))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invoice(status: &str, total: i64, paid: i64) -> Invoice {
        Invoice {
            id: "in_1".to_owned(),
            status: Some(status.to_owned()),
            currency: "usd".to_owned(),
            total,
            total_excluding_tax: Some(total),
            amount_remaining: total - paid,
            amount_paid: paid,
            pre_payment_credit_notes_amount: 0,
            post_payment_credit_notes_amount: 0,
        }
    }

    fn step(what: What) -> Step {
        Step {
            name: String::new(),
            mark: "m".to_owned(),
            what,
        }
    }

    fn credit(amount: i64) -> Step {
        step(What::Credit {
            origin: "acme-0001".to_owned(),
            amount,
            currency: "usd".to_owned(),
            form: Vec::new(),
        })
    }

    #[test]
    fn d14_a_credit_lowers_what_is_open_and_the_rest_is_balance() {
        let body = |status, paid| {
            credit(300)
                .credit(&invoice(status, 1_000, paid))
                .unwrap()
                .body
        };
        assert_eq!(body("open", 0), "invoice=in_1&amount=300");
        assert_eq!(
            body("paid", 1_000),
            "invoice=in_1&amount=300&credit_amount=300"
        );
        assert_eq!(
            body("open", 900),
            "invoice=in_1&amount=300&credit_amount=200"
        );
        assert_eq!(body("uncollectible", 0), "invoice=in_1&amount=300");
    }

    #[test]
    fn d14_no_more_is_credited_than_is_left() {
        let mut origin = invoice("open", 1_000, 0);
        assert!(credit(1_000).credit(&origin).is_ok());
        origin.pre_payment_credit_notes_amount = 1;
        origin.amount_remaining = 999;
        assert!(matches!(
            credit(1_000).credit(&origin),
            Err(Hold::Person(_))
        ));
        assert!(matches!(
            credit(1).credit(&invoice("draft", 5, 0)),
            Err(Hold::Wait(_))
        ));
        assert!(matches!(
            credit(1).credit(&invoice("void", 5, 0)),
            Err(Hold::Person(_))
        ));
        let mut taxed = invoice("open", 1_190, 0);
        taxed.total_excluding_tax = Some(1_000);
        assert!(matches!(credit(1).credit(&taxed), Err(Hold::Person(_))));
    }

    #[test]
    fn an_invoice_that_comes_to_something_else_is_held() {
        let check = step(What::Check {
            total: 1_000,
            currency: "usd".to_owned(),
        });
        assert_eq!(check.check(&invoice("draft", 1_000, 0)), Ok(()));
        assert!(matches!(
            check.check(&invoice("draft", 999, 0)),
            Err(Hold::Person(_))
        ));
        let mut other = invoice("draft", 1_000, 0);
        other.currency = "eur".to_owned();
        assert!(matches!(check.check(&other), Err(Hold::Person(_))));
        // A statement is before tax.
        let mut taxed = invoice("draft", 1_190, 0);
        taxed.total_excluding_tax = Some(1_000);
        assert_eq!(check.check(&taxed), Ok(()));
    }

    #[test]
    fn d7_a_draft_is_deleted_an_open_invoice_voided_and_a_paid_one_is_for_a_person() {
        let withdraw = step(What::Withdraw {
            of: "acme-0001".to_owned(),
            id: "in_1".to_owned(),
        });
        let ask = |status, total, paid| withdraw.withdraw(&invoice(status, total, paid));
        assert_eq!(ask("draft", 5, 0).unwrap().method, Method::Delete);
        assert_eq!(ask("open", 5, 0).unwrap().path, "/v1/invoices/in_1/void");
        assert_eq!(ask("void", 5, 0), Err(Hold::Done));
        assert_eq!(ask("paid", 0, 0), Err(Hold::Done));
        assert!(matches!(ask("paid", 5, 5), Err(Hold::Person(_))));
        assert!(matches!(ask("open", 5, 1), Err(Hold::Person(_))));
        assert!(matches!(ask("paid", -5, 0), Err(Hold::Person(_))));
    }

    #[test]
    fn what_was_made_is_looked_for_where_it_would_be() {
        let item = step(What::Item { form: Vec::new() });
        let path = |after| item.look(Some("in_1"), 0, after).unwrap().path;
        assert_eq!(path(None), "/v1/invoiceitems?invoice=in_1&limit=100");
        assert_eq!(
            path(Some("ii_9")),
            "/v1/invoiceitems?invoice=in_1&limit=100&starting_after=ii_9"
        );
        let invoice = step(What::Invoice {
            customer: "cus_1".to_owned(),
            form: Vec::new(),
        });
        let path = invoice.look(None, 7, None).unwrap().path;
        assert_eq!(
            path,
            "/v1/invoices?customer=cus_1&created%5Bgte%5D=7&limit=100"
        );
        assert_eq!(step(What::Finalize).look(Some("in_1"), 0, None), None);
    }
}
