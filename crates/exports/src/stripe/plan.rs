//! What is to be brought about at Stripe for one statement, and for the void of one.

use std::collections::BTreeMap;

use jiff::Timestamp;
use money::{Amount, Currency};
use work::Digest;

use super::form::cut;
use super::step::{Step, What};
use super::{AmountError, FIELD_CHARS_MAX, ITEMS_MAX, MARK, METADATA_CHARS_MAX, minor};

/// An issued statement, as Stripe is told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The customer at Stripe.
    pub customer: String,
    /// The printed number.
    pub number: String,
    /// The contract.
    pub contract: String,
    /// Digest of its body.
    pub digest: String,
    /// Where its proof is, if anywhere.
    pub proof: Option<String>,
    /// The buyer's purchase order.
    pub po_number: Option<String>,
    /// The currency.
    pub currency: Currency,
    /// When it is to be paid.
    pub due: Due,
    /// What is invoiced; none where it only takes back.
    pub lines: Vec<Line>,
    /// What is credited of earlier invoices.
    pub credits: Vec<Credit>,
    /// What the statement leaves to be paid: the lines less the credits.
    pub payable: Amount,
}

/// When an invoice is to be paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// At an instant.
    At(Timestamp),
    /// So many days after Stripe made it.
    Days(u32),
}

/// A line of an invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What it is of; lines are summed by it where there are too many.
    pub component: String,
    /// In words.
    pub description: String,
    /// The cell that it is.
    pub cell: Option<String>,
    /// From when to when it is for.
    pub service: (Timestamp, Timestamp),
    /// Of either sign.
    pub amount: Amount,
}

/// What is credited of an earlier invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credit {
    /// The credit note's number.
    pub number: String,
    /// The statement whose invoice it is against.
    pub origin: String,
    /// Above zero.
    pub amount: Amount,
}

/// Bytes of a mark; it is written as hexadecimal digits.
const MARK_BYTES: usize = 20;

/// Makes the marks of a document's steps: the same for the same step of the same document of the same book, and no
/// other.
#[derive(Debug, Clone)]
pub struct Marks {
    /// What names the book and the customer in it.
    pub book: String,
    /// What names the document.
    pub document: String,
}

impl Marks {
    fn mark(&self, name: &str) -> String {
        let parts = [self.book.as_str(), &self.document, name];
        // No part has the separator in it.
        let digest = Digest::of(parts.join("\n").as_bytes());
        let bytes = digest.as_bytes().iter().take(MARK_BYTES);
        bytes.map(|byte| format!("{byte:02x}")).collect()
    }

    fn step(&self, name: String, what: What) -> Step {
        Step {
            mark: self.mark(&name),
            name,
            what,
        }
    }

    /// A step that makes something, which carries the mark.
    fn making(&self, name: String, mut form: Form, what: impl FnOnce(Form) -> What) -> Step {
        let mark = self.mark(&name);
        form.push((format!("metadata[{MARK}]"), mark.clone()));
        Step {
            name,
            mark,
            what: what(form),
        }
    }
}

type Form = Vec<(String, String)>;

/// What people call the step that makes a credit note.
#[must_use]
pub fn credit_name(number: &str) -> String {
    format!("credit note {number}")
}

/// The steps of a statement: an invoice with its items, where there is anything to invoice, credit notes, and the end of
/// the draft where `finalize` says so.
///
/// # Errors
/// [`AmountError`] where an amount cannot be told exactly, or the lines less the credits are not what is to be paid.
pub fn statement(own: &Statement, marks: &Marks, finalize: bool) -> Result<Vec<Step>, AmountError> {
    let mut steps = Vec::new();
    let invoiced = own.lines.iter().map(|line| line.amount);
    let credited = own.credits.iter().map(|credit| credit.amount.negated());
    let sum = Amount::sum(own.currency, invoiced.chain(credited))
        .map_err(|_| AmountError::TooLarge(own.payable))?;
    if sum != own.payable {
        let payable = own.payable;
        return Err(AmountError::NotTheSum { sum, payable });
    }
    let items = grouped(&own.lines)?;
    if !items.is_empty() {
        steps.push(
            marks.making("invoice".to_owned(), invoice(own), |form| What::Invoice {
                customer: own.customer.clone(),
                form,
            }),
        );
        let mut total = 0_i64;
        let sum = Amount::sum(own.currency, own.lines.iter().map(|line| line.amount));
        for (number, item) in (1..).zip(&items) {
            total = total.saturating_add(item.amount);
            let form = item_form(own, item);
            steps.push(marks.making(format!("item {number}"), form, |form| What::Item { form }));
        }
        // Each item was told exactly, so their sum is; that it is the sum of the lines is seen again.
        let whole = sum
            .map_err(|_| AmountError::TooLarge(own.lines[0].amount))
            .and_then(minor)?;
        debug_assert_eq!(total, whole, "the items sum to the lines");
        let currency = code(own.currency);
        steps.push(marks.step(
            "check".to_owned(),
            What::Check {
                total: whole,
                currency,
            },
        ));
    }
    for credit in &own.credits {
        let amount = minor(credit.amount)?;
        let memo = format!("Credit note {}, stated by {}", credit.number, own.number);
        let form = vec![
            field("memo", &memo),
            field("email_type", "none"),
            metadata("piecework_credit_note", &credit.number),
            metadata("piecework_statement", &own.number),
        ];
        steps.push(
            marks.making(credit_name(&credit.number), form, |form| What::Credit {
                origin: credit.origin.clone(),
                amount,
                currency: code(own.currency),
                form,
            }),
        );
    }
    if finalize && !items.is_empty() {
        steps.push(marks.step("finalize".to_owned(), What::Finalize));
    }
    Ok(steps)
}

/// The steps of the void of a statement: what it credited is not credited, then its invoice is gone.
#[must_use]
pub fn withdrawal(number: &str, credits: &[String], marks: &Marks) -> Vec<Step> {
    let statement = || number.to_owned();
    let mut steps: Vec<Step> = (credits.iter())
        .map(|credit| {
            let what = What::WithdrawCredit {
                statement: statement(),
                number: credit.clone(),
            };
            marks.step(format!("void credit note {credit}"), what)
        })
        .collect();
    let what = What::Withdraw {
        statement: statement(),
    };
    steps.push(marks.step("void".to_owned(), what));
    steps
}

fn invoice(own: &Statement) -> Form {
    let mut form = vec![
        field("customer", &own.customer),
        field("currency", &code(own.currency)),
        field("auto_advance", "false"),
        field("collection_method", "send_invoice"),
        match own.due {
            Due::At(at) => field("due_date", &at.as_second()),
            Due::Days(days) => field("days_until_due", &days),
        },
        field("pending_invoice_items_behavior", "exclude"),
        metadata("piecework_statement", &own.number),
        metadata("piecework_contract", &own.contract),
        metadata("piecework_digest", &own.digest),
    ];
    if let Some(proof) = &own.proof {
        form.push(metadata("piecework_proof", proof));
    }
    let mut custom = vec![("Statement", own.number.as_str())];
    match own.po_number.as_deref() {
        Some(order) if order.chars().count() <= FIELD_CHARS_MAX => {
            custom.push(("PO number", order));
        }
        // Longer than a field; an order that is cut off is no order.
        Some(order) => form.push(field("footer", &format!("PO number: {order}"))),
        None => {}
    }
    for (at, (name, value)) in custom.into_iter().enumerate() {
        form.push(field(&format!("custom_fields[{at}][name]"), name));
        form.push(field(
            &format!("custom_fields[{at}][value]"),
            &cut(value, FIELD_CHARS_MAX),
        ));
    }
    form
}

/// A line, or several of one component.
struct Item {
    description: String,
    line: String,
    service: (Timestamp, Timestamp),
    amount: i64,
}

/// The lines as items: each its own, or summed by component where there are more than Stripe takes, and beyond that
/// the last ones together.
fn grouped(lines: &[Line]) -> Result<Vec<Item>, AmountError> {
    let each = |line: &Line| {
        Ok(Item {
            description: line.description.clone(),
            line: line.cell.clone().unwrap_or_else(|| line.component.clone()),
            service: line.service,
            amount: minor(line.amount)?,
        })
    };
    let items = lines
        .iter()
        .map(each)
        .collect::<Result<Vec<Item>, AmountError>>()?;
    if items.len() <= ITEMS_MAX {
        return Ok(items);
    }
    let mut by_component: BTreeMap<&str, Vec<Item>> = BTreeMap::new();
    for (line, item) in lines.iter().zip(items) {
        by_component.entry(&line.component).or_default().push(item);
    }
    let groups = by_component.into_iter();
    let mut grouped: Vec<Item> = groups.map(|(name, items)| together(name, &items)).collect();
    if grouped.len() > ITEMS_MAX {
        let rest = grouped.split_off(ITEMS_MAX - 1);
        grouped.push(together("other components", &rest));
    }
    Ok(grouped)
}

fn together(name: &str, items: &[Item]) -> Item {
    let first = items
        .iter()
        .map(|own| own.service.0)
        .min()
        .unwrap_or_default();
    let last = items
        .iter()
        .map(|own| own.service.1)
        .max()
        .unwrap_or_default();
    let count = items.len();
    Item {
        description: match count {
            1 => items[0].description.clone(),
            _ => format!(
                "{}: {count} lines, as the statement lists them",
                name.replace(['-', '_'], " ")
            ),
        },
        line: name.to_owned(),
        service: (first, last),
        amount: items
            .iter()
            .fold(0, |sum: i64, own| sum.saturating_add(own.amount)),
    }
}

fn item_form(own: &Statement, item: &Item) -> Form {
    // Stripe's period includes its end.
    let (from, until) = (item.service.0.as_second(), item.service.1.as_second());
    vec![
        field("customer", &own.customer),
        field("currency", &code(own.currency)),
        field("amount", &item.amount),
        field("description", &cut(&item.description, METADATA_CHARS_MAX)),
        field("discountable", "false"),
        field("period[start]", &from),
        field("period[end]", &(until - 1).max(from)),
        metadata("piecework_statement", &own.number),
        metadata("piecework_line", &item.line),
    ]
}

fn field(name: &str, value: &(impl ToString + ?Sized)) -> (String, String) {
    (name.to_owned(), value.to_string())
}

fn metadata(name: &str, value: &str) -> (String, String) {
    (format!("metadata[{name}]"), cut(value, METADATA_CHARS_MAX))
}

fn code(currency: Currency) -> String {
    currency.code().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn line(component: &str, cell: usize, amount: &str) -> Line {
        Line {
            component: component.to_owned(),
            description: format!("{component} {cell}"),
            cell: Some(format!("{component}/{cell}")),
            service: (at(100), at(200 + i64::try_from(cell).unwrap())),
            amount: amount.parse().unwrap(),
        }
    }

    fn of(lines: Vec<Line>) -> Statement {
        Statement {
            customer: "cus_1".to_owned(),
            number: "acme-0002".to_owned(),
            contract: "acme-2026".to_owned(),
            digest: "sha256:00".to_owned(),
            proof: None,
            po_number: Some("PO 7".to_owned()),
            currency: Currency::USD,
            due: Due::At(at(1_000)),
            payable: Amount::sum(Currency::USD, lines.iter().map(|line| line.amount))
                .and_then(|sum| sum.minus("0.99 USD".parse()?))
                .unwrap(),
            lines,
            credits: vec![Credit {
                number: "acme-C0001".to_owned(),
                origin: "acme-0001".to_owned(),
                amount: "0.99 USD".parse().unwrap(),
            }],
        }
    }

    fn marks() -> Marks {
        Marks {
            book: "log".to_owned(),
            document: "statement/acme-0002".to_owned(),
        }
    }

    fn names(steps: &[Step]) -> Vec<&str> {
        steps.iter().map(|step| step.name.as_str()).collect()
    }

    /// The amounts of the items, and the total that is looked for.
    fn amounts(steps: &[Step]) -> (Vec<i64>, i64) {
        let mut amounts = Vec::new();
        let mut checked = 0;
        for step in steps {
            match &step.what {
                What::Item { form } => {
                    let own = form.iter().find(|(name, _)| name == "amount").unwrap();
                    amounts.push(own.1.parse().unwrap());
                }
                What::Check { total, .. } => checked = *total,
                _ => {}
            }
        }
        (amounts, checked)
    }

    #[test]
    fn a_statement_is_an_invoice_its_items_a_look_its_credits_and_an_end() {
        let own = of(vec![
            line("seats", 1, "40.00 USD"),
            line("credits", 1, "-10.01 USD"),
        ]);
        let steps = statement(&own, &marks(), true).unwrap();
        assert_eq!(
            names(&steps),
            [
                "invoice",
                "item 1",
                "item 2",
                "check",
                "credit note acme-C0001",
                "finalize"
            ]
        );
        assert_eq!(amounts(&steps), (vec![4_000, -1_001], 2_999));
        let request = steps[0].request(None).unwrap();
        let mark = &steps[0].mark;
        assert_eq!(
            request.body,
            format!(
                "customer=cus_1&currency=usd&auto_advance=false&collection_method=send_invoice&due_date=1000\
                 &pending_invoice_items_behavior=exclude&metadata%5Bpiecework_statement%5D=acme-0002\
                 &metadata%5Bpiecework_contract%5D=acme-2026&metadata%5Bpiecework_digest%5D=sha256%3A00\
                 &custom_fields%5B0%5D%5Bname%5D=Statement&custom_fields%5B0%5D%5Bvalue%5D=acme-0002\
                 &custom_fields%5B1%5D%5Bname%5D=PO+number&custom_fields%5B1%5D%5Bvalue%5D=PO+7\
                 &metadata%5Bpiecework_step%5D={mark}"
            )
        );
        assert_eq!(
            names(&statement(&own, &marks(), false).unwrap()).last(),
            Some(&"credit note acme-C0001")
        );
    }

    #[test]
    fn a_statement_that_only_takes_back_is_only_credits() {
        let steps = statement(&of(Vec::new()), &marks(), true).unwrap();
        assert_eq!(names(&steps), ["credit note acme-C0001"]);
    }

    #[test]
    fn marks_are_of_one_step_of_one_document_of_one_book() {
        let own = of(vec![line("seats", 1, "1 USD"), line("seats", 2, "1 USD")]);
        let mut all = Vec::new();
        for (book, document) in [("a", "x"), ("b", "x"), ("a", "y")] {
            let marks = Marks {
                book: book.to_owned(),
                document: document.to_owned(),
            };
            let steps = statement(&own, &marks, true).unwrap();
            assert_eq!(steps, statement(&own, &marks, true).unwrap());
            all.extend(steps.into_iter().map(|step| step.mark));
        }
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn up_to_250_lines_are_items_and_more_are_summed_by_component() {
        let lines = |count: usize| {
            (0..count)
                .map(|own| line(["b", "a", "c"][own % 3], own, "0.01 USD"))
                .collect()
        };
        let (amounts_of, total) = amounts(&statement(&of(lines(250)), &marks(), true).unwrap());
        assert_eq!((amounts_of.len(), total), (250, 250));
        let steps = statement(&of(lines(251)), &marks(), true).unwrap();
        assert_eq!(amounts(&steps), (vec![84, 84, 83], 251));
        let What::Item { form } = &steps[1].what else {
            panic!("no item");
        };
        let value = |name: &str| {
            form.iter()
                .find(|(own, _)| own == name)
                .map(|(_, value)| value.as_str())
        };
        assert_eq!(
            value("description"),
            Some("a: 84 lines, as the statement lists them")
        );
        assert_eq!(
            (value("period[start]"), value("period[end]")),
            (Some("100"), Some("449"))
        );
        // Components without end: the last ones together.
        let lines = (0..600)
            .map(|own| line(&format!("c{own:03}"), 1, "0.01 USD"))
            .collect();
        let (amounts_of, total) = amounts(&statement(&of(lines), &marks(), true).unwrap());
        assert_eq!((amounts_of.len(), amounts_of[249], total), (250, 351, 600));
    }

    #[test]
    fn an_amount_that_cannot_be_told_refuses_the_whole() {
        let own = of(vec![
            line("seats", 1, "1 USD"),
            line("seats", 2, "0.005 USD"),
        ]);
        let refused = statement(&own, &marks(), true).unwrap_err();
        assert!(matches!(refused, AmountError::TooFine { .. }), "{refused}");
    }

    #[test]
    fn what_does_not_sum_to_the_statement_is_not_sent() {
        let mut own = of(vec![line("seats", 1, "1 USD")]);
        own.payable = "0.02 USD".parse().unwrap();
        let refused = statement(&own, &marks(), true).unwrap_err();
        assert!(
            matches!(refused, AmountError::NotTheSum { .. }),
            "{refused}"
        );
    }

    #[test]
    fn an_order_is_never_cut_off() {
        let mut own = of(vec![line("seats", 1, "1 USD")]);
        own.po_number = Some("x".repeat(FIELD_CHARS_MAX + 1));
        let steps = statement(&own, &marks(), true).unwrap();
        let body = steps[0].request(None).unwrap().body;
        assert!(body.contains(&format!("footer=PO+number%3A+{}&", "x".repeat(141))));
    }

    #[test]
    fn a_void_takes_the_credits_back_first() {
        let steps = withdrawal("acme-0002", &["acme-C0001".to_owned()], &marks());
        assert_eq!(names(&steps), ["void credit note acme-C0001", "void"]);
    }
}
