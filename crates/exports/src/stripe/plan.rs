//! What is to be brought about at Stripe for one bill (a statement, or a cover with its statements), and for the void of
//! one.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use money::{Amount, Currency};
use work::Digest;

use super::form::cut;
use super::step::{Step, What};
use super::{
    AmountError, FIELD_CHARS_MAX, FOOTER_CHARS_MAX, ITEMS_MAX, MARK, METADATA_CHARS_MAX, STATEMENT,
    minor,
};

/// What is invoiced at once, as Stripe is told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bill {
    /// The customer at Stripe.
    pub customer: String,
    /// The printed number.
    pub number: String,
    /// What it is.
    pub of: BillOf,
    /// The buyer's purchase orders, each once.
    pub po_numbers: Vec<String>,
    /// The currency.
    pub currency: Currency,
    /// When it is to be paid.
    pub due: Due,
    /// The statements that it is for: one, or those under the cover.
    pub parts: Vec<Part>,
}

/// What a bill is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BillOf {
    /// One statement.
    Statement {
        /// The contract.
        contract: String,
        /// Digest of its body.
        digest: String,
        /// Where its proof is, if anywhere.
        proof: Option<String>,
    },
    /// The statements under a cover.
    Cover {
        /// The last day of what they are about.
        through: Date,
        /// Where the cover is, if anywhere.
        document: Option<String>,
    },
}

/// An issued statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The printed number.
    pub number: String,
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
    /// What the tax system knows it by, where the plan says.
    pub tax_category: Option<String>,
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
fn credit_name(number: &str) -> String {
    format!("credit note {number}")
}

/// The steps of a bill: an invoice with its items, where there is anything to invoice, credit notes, and the end of the
/// draft where `finalize` says so.
///
/// # Errors
/// [`AmountError`] where an amount cannot be told exactly, or the lines of a statement less its credits are not what is to
/// be paid of it.
pub fn bill(own: &Bill, marks: &Marks, finalize: bool) -> Result<Vec<Step>, AmountError> {
    let mut steps = Vec::new();
    own.parts
        .iter()
        .try_for_each(|part| sums(part, own.currency))?;
    let items = grouped(own)?;
    if !items.is_empty() {
        steps.push(
            marks.making("invoice".to_owned(), invoice(own), |form| What::Invoice {
                customer: own.customer.clone(),
                form,
            }),
        );
        let mut total = 0_i64;
        for (number, item) in (1..).zip(&items) {
            total = total.saturating_add(item.amount);
            let form = item_form(own, item);
            steps.push(marks.making(format!("item {number}"), form, |form| What::Item { form }));
        }
        // Each item was told exactly, so their sum is; that it is the sum of the lines is seen again.
        let lines = own.parts.iter().flat_map(|part| &part.lines);
        let sum = Amount::sum(own.currency, lines.map(|line| line.amount));
        let whole = sum
            .map_err(|_| AmountError::TooLarge(own.parts[0].payable))
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
    for part in &own.parts {
        for credit in &part.credits {
            steps.push(credit_step(part, credit, marks)?);
        }
    }
    if finalize && !items.is_empty() {
        steps.push(marks.step("finalize".to_owned(), What::Finalize));
    }
    Ok(steps)
}

/// Whether the lines of a statement less its credits are what it leaves to be paid.
fn sums(part: &Part, currency: Currency) -> Result<(), AmountError> {
    let invoiced = part.lines.iter().map(|line| line.amount);
    let credited = part.credits.iter().map(|credit| credit.amount.negated());
    let sum = Amount::sum(currency, invoiced.chain(credited))
        .map_err(|_| AmountError::TooLarge(part.payable))?;
    if sum == part.payable {
        return Ok(());
    }
    let payable = part.payable;
    Err(AmountError::NotTheSum { sum, payable })
}

fn credit_step(part: &Part, credit: &Credit, marks: &Marks) -> Result<Step, AmountError> {
    let amount = minor(credit.amount)?;
    let memo = format!("Credit note {}, stated by {}", credit.number, part.number);
    let form = vec![
        field("memo", &memo),
        field("email_type", "none"),
        metadata("piecework_credit_note", &credit.number),
        metadata(STATEMENT, &part.number),
    ];
    Ok(
        marks.making(credit_name(&credit.number), form, |form| What::Credit {
            origin: credit.origin.clone(),
            amount,
            currency: code(credit.amount.currency()),
            form,
        }),
    )
}

/// A credit note at Stripe: what people call it, and its id.
pub type MadeCredit = (String, String);

/// The steps of the void of a bill: what it credited is not credited, then its invoice, if it has one, is gone.
#[must_use]
pub fn withdrawal(
    number: &str,
    invoice: Option<&str>,
    credits: &[MadeCredit],
    marks: &Marks,
) -> Vec<Step> {
    let mut steps = without_credits(credits, marks);
    if let Some(id) = invoice {
        let what = What::Withdraw {
            of: number.to_owned(),
            id: id.to_owned(),
        };
        steps.push(marks.step("void".to_owned(), what));
    }
    steps
}

/// The steps of the void of a statement that was invoiced with others: what it credited is not credited, then what was
/// invoiced of it, in Stripe's units and above zero, is credited on that invoice.
#[must_use]
pub fn part_withdrawal(
    number: &str,
    invoiced: i64,
    currency: &str,
    credits: &[MadeCredit],
    marks: &Marks,
) -> Vec<Step> {
    let mut steps = without_credits(credits, marks);
    if invoiced > 0 {
        let form = vec![
            field("memo", &format!("Statement {number} was voided")),
            field("email_type", "none"),
            metadata(STATEMENT, number),
        ];
        steps.push(
            marks.making(format!("credit of {number}"), form, |form| What::Credit {
                origin: number.to_owned(),
                amount: invoiced,
                currency: currency.to_owned(),
                form,
            }),
        );
    }
    steps
}

fn without_credits(credits: &[MadeCredit], marks: &Marks) -> Vec<Step> {
    let voids = credits.iter().map(|(name, id)| {
        let what = What::WithdrawCredit {
            of: name.clone(),
            id: id.clone(),
        };
        marks.step(format!("void {name}"), what)
    });
    voids.collect()
}

fn invoice(own: &Bill) -> Form {
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
    ];
    let name = match &own.of {
        BillOf::Statement {
            contract,
            digest,
            proof,
        } => {
            form.push(metadata(STATEMENT, &own.number));
            form.push(metadata("piecework_contract", contract));
            form.push(metadata("piecework_digest", digest));
            form.extend(proof.iter().map(|own| metadata("piecework_proof", own)));
            "Statement"
        }
        BillOf::Cover { through, document } => {
            form.push(metadata("piecework_cover", &own.number));
            form.push(metadata("piecework_through", &through.to_string()));
            let document = document.iter();
            form.extend(document.map(|own| metadata("piecework_document", own)));
            "Cover"
        }
    };
    let mut custom = vec![(name, own.number.clone())];
    let (label, orders) = match own.po_numbers.as_slice() {
        [one] => ("PO number", one.clone()),
        several => ("PO numbers", several.join(", ")),
    };
    if !orders.is_empty() && orders.chars().count() <= FIELD_CHARS_MAX {
        custom.push((label, orders));
    } else if !orders.is_empty() {
        // Longer than a field; an order that is cut off is no order.
        let footer = format!("{label}: {orders}");
        let footer = match footer.chars().count() <= FOOTER_CHARS_MAX {
            true => footer,
            false => format!("{label}: as the statements name them"),
        };
        form.push(field("footer", &footer));
    }
    for (at, (name, value)) in custom.into_iter().enumerate() {
        form.push(field(&format!("custom_fields[{at}][name]"), name));
        form.push(field(
            &format!("custom_fields[{at}][value]"),
            &cut(&value, FIELD_CHARS_MAX),
        ));
    }
    form
}

/// A line, or several of one statement.
struct Item {
    statement: String,
    description: String,
    line: String,
    service: (Timestamp, Timestamp),
    /// That of all its lines, where they have the same.
    tax_category: Option<String>,
    amount: i64,
}

/// The lines as items, each of one statement: each line its own; where those are more than Stripe takes, summed by
/// component; beyond that by statement, or of a single one the last components together.
fn grouped(own: &Bill) -> Result<Vec<Item>, AmountError> {
    let mut items = Vec::new();
    let mut by_component: BTreeMap<(usize, &str), Vec<usize>> = BTreeMap::new();
    for (at, part) in own.parts.iter().enumerate() {
        for line in &part.lines {
            by_component
                .entry((at, &line.component))
                .or_default()
                .push(items.len());
            items.push(Item {
                statement: part.number.clone(),
                description: line.description.clone(),
                line: line.cell.clone().unwrap_or_else(|| line.component.clone()),
                service: line.service,
                tax_category: line.tax_category.clone(),
                amount: minor(line.amount)?,
            });
        }
    }
    if items.len() <= ITEMS_MAX {
        return Ok(items);
    }
    let groups = by_component.iter();
    let groups = groups.map(|((_, name), of)| together(name, of.iter().map(|at| &items[*at])));
    let mut grouped: Vec<Item> = groups.collect();
    if grouped.len() > ITEMS_MAX && own.parts.len() > 1 {
        let by_statement = own.parts.iter().map(|part| {
            let of = |item: &&Item| item.statement == part.number;
            together("statement", items.iter().filter(of))
        });
        return Ok(by_statement.filter(|item| item.amount != 0).collect());
    }
    if grouped.len() > ITEMS_MAX {
        let rest = grouped.split_off(ITEMS_MAX - 1);
        grouped.push(together("other components", rest.iter()));
    }
    Ok(grouped)
}

fn together<'i>(name: &str, items: impl Iterator<Item = &'i Item> + Clone) -> Item {
    let first = items.clone().map(|own| own.service.0).min();
    let last = items.clone().map(|own| own.service.1).max();
    let one = items.clone().next();
    let description = match items.clone().count() {
        1 => one.map(|own| own.description.clone()).unwrap_or_default(),
        count => format!(
            "{}: {count} lines, as the statement lists them",
            name.replace(['-', '_'], " ")
        ),
    };
    Item {
        statement: one.map(|own| own.statement.clone()).unwrap_or_default(),
        description,
        line: name.to_owned(),
        service: (first.unwrap_or_default(), last.unwrap_or_default()),
        tax_category: one
            .and_then(|own| own.tax_category.clone())
            .filter(|category| {
                let mut all = items.clone();
                all.all(|own| own.tax_category.as_ref() == Some(category))
            }),
        amount: items.fold(0, |sum: i64, own| sum.saturating_add(own.amount)),
    }
}

fn item_form(own: &Bill, item: &Item) -> Form {
    // Stripe's period includes its end.
    let (from, until) = (item.service.0.as_second(), item.service.1.as_second());
    let description = match own.of {
        BillOf::Statement { .. } => item.description.clone(),
        BillOf::Cover { .. } => format!("{} \u{b7} {}", item.statement, item.description),
    };
    let mut form = vec![
        field("customer", &own.customer),
        field("currency", &code(own.currency)),
        field("amount", &item.amount),
        field("description", &cut(&description, METADATA_CHARS_MAX)),
        field("discountable", "false"),
        field("period[start]", &from),
        field("period[end]", &(until - 1).max(from)),
        metadata(STATEMENT, &item.statement),
        metadata("piecework_line", &item.line),
    ];
    let category = item.tax_category.iter();
    form.extend(category.map(|own| metadata("piecework_tax_category", own)));
    form
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
            tax_category: (component != "credits").then(|| component.to_owned()),
            amount: amount.parse().unwrap(),
        }
    }

    fn part(number: &str, lines: Vec<Line>) -> Part {
        Part {
            number: number.to_owned(),
            payable: Amount::sum(Currency::USD, lines.iter().map(|line| line.amount))
                .and_then(|sum| sum.minus("0.99 USD".parse()?))
                .unwrap(),
            lines,
            credits: vec![Credit {
                number: format!("{number}-C"),
                origin: "acme-0001".to_owned(),
                amount: "0.99 USD".parse().unwrap(),
            }],
        }
    }

    fn of(lines: Vec<Line>) -> Bill {
        Bill {
            customer: "cus_1".to_owned(),
            number: "acme-0002".to_owned(),
            of: BillOf::Statement {
                contract: "acme-2026".to_owned(),
                digest: "sha256:00".to_owned(),
                proof: None,
            },
            po_numbers: vec!["PO 7".to_owned()],
            currency: Currency::USD,
            due: Due::At(at(1_000)),
            parts: vec![part("acme-0002", lines)],
        }
    }

    fn cover(parts: Vec<Part>) -> Bill {
        Bill {
            number: "acme-A0001".to_owned(),
            of: BillOf::Cover {
                through: jiff::civil::date(2026, 1, 31),
                document: None,
            },
            po_numbers: vec!["PO 7".to_owned(), "PO 8".to_owned()],
            parts,
            ..of(Vec::new())
        }
    }

    fn value<'s>(step: &'s Step, name: &str) -> Option<&'s str> {
        let (What::Item { form } | What::Invoice { form, .. } | What::Credit { form, .. }) =
            &step.what
        else {
            return None;
        };
        let mut fields = form.iter();
        fields
            .find(|(own, _)| own == name)
            .map(|(_, value)| value.as_str())
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
        let steps = bill(&own, &marks(), true).unwrap();
        assert_eq!(
            names(&steps),
            [
                "invoice",
                "item 1",
                "item 2",
                "check",
                "credit note acme-0002-C",
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
            names(&bill(&own, &marks(), false).unwrap()).last(),
            Some(&"credit note acme-0002-C")
        );
    }

    #[test]
    fn a_statement_that_only_takes_back_is_only_credits() {
        let steps = bill(&of(Vec::new()), &marks(), true).unwrap();
        assert_eq!(names(&steps), ["credit note acme-0002-C"]);
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
            let steps = bill(&own, &marks, true).unwrap();
            assert_eq!(steps, bill(&own, &marks, true).unwrap());
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
        let (amounts_of, total) = amounts(&bill(&of(lines(250)), &marks(), true).unwrap());
        assert_eq!((amounts_of.len(), total), (250, 250));
        let steps = bill(&of(lines(251)), &marks(), true).unwrap();
        assert_eq!(amounts(&steps), (vec![84, 84, 83], 251));
        let value = |name: &str| value(&steps[1], name);
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
        let (amounts_of, total) = amounts(&bill(&of(lines), &marks(), true).unwrap());
        assert_eq!((amounts_of.len(), amounts_of[249], total), (250, 351, 600));
    }

    #[test]
    fn an_amount_that_cannot_be_told_refuses_the_whole() {
        let own = of(vec![
            line("seats", 1, "1 USD"),
            line("seats", 2, "0.005 USD"),
        ]);
        let refused = bill(&own, &marks(), true).unwrap_err();
        assert!(matches!(refused, AmountError::TooFine { .. }), "{refused}");
    }

    #[test]
    fn what_does_not_sum_to_the_statement_is_not_sent() {
        let mut own = of(vec![line("seats", 1, "1 USD")]);
        own.parts[0].payable = "0.02 USD".parse().unwrap();
        let refused = bill(&own, &marks(), true).unwrap_err();
        assert!(
            matches!(refused, AmountError::NotTheSum { .. }),
            "{refused}"
        );
    }

    #[test]
    fn an_order_is_never_cut_off() {
        let mut own = of(vec![line("seats", 1, "1 USD")]);
        own.po_numbers = vec!["x".repeat(FIELD_CHARS_MAX + 1)];
        let steps = bill(&own, &marks(), true).unwrap();
        let body = steps[0].request(None).unwrap().body;
        assert!(body.contains(&format!("footer=PO+number%3A+{}&", "x".repeat(141))));
    }

    #[test]
    fn d16_a_cover_is_one_invoice_whose_items_name_their_statements() {
        let own = cover(vec![
            part("acme-0001", vec![line("seats", 1, "40.00 USD")]),
            part("acme-0002", vec![line("seats", 1, "10.01 USD")]),
        ]);
        let steps = bill(&own, &marks(), true).unwrap();
        assert_eq!(
            names(&steps),
            [
                "invoice",
                "item 1",
                "item 2",
                "check",
                "credit note acme-0001-C",
                "credit note acme-0002-C",
                "finalize"
            ]
        );
        assert_eq!(amounts(&steps), (vec![4_000, 1_001], 5_001));
        let of = |at: usize, name: &str| value(&steps[at], name).map(str::to_owned);
        assert_eq!(of(0, "metadata[piecework_cover]").unwrap(), "acme-A0001");
        assert_eq!(of(0, "metadata[piecework_through]").unwrap(), "2026-01-31");
        assert_eq!(of(0, "metadata[piecework_statement]"), None);
        assert_eq!(of(0, "custom_fields[0][name]").unwrap(), "Cover");
        assert_eq!(of(0, "custom_fields[1][name]").unwrap(), "PO numbers");
        assert_eq!(of(0, "custom_fields[1][value]").unwrap(), "PO 7, PO 8");
        for (at, statement) in [
            (1, "acme-0001"),
            (2, "acme-0002"),
            (4, "acme-0001"),
            (5, "acme-0002"),
        ] {
            assert_eq!(of(at, "metadata[piecework_statement]").unwrap(), statement);
        }
        assert_eq!(of(2, "description").unwrap(), "acme-0002 \u{b7} seats 1");
    }

    #[test]
    fn d14_an_item_names_the_tax_category_that_all_its_lines_have() {
        let mut lines: Vec<Line> = (0..251).map(|own| line("seats", own, "0.01 USD")).collect();
        let named = |lines: &[Line]| {
            let steps = bill(&of(lines.to_vec()), &marks(), true).unwrap();
            value(&steps[1], "metadata[piecework_tax_category]").map(str::to_owned)
        };
        assert_eq!(named(&lines[..1]).as_deref(), Some("seats"));
        assert_eq!(named(&lines).as_deref(), Some("seats"));
        lines[7].tax_category = None;
        assert_eq!(named(&lines), None);
    }

    #[test]
    fn d16_a_statement_that_does_not_sum_refuses_the_cover_that_would() {
        let mut parts = vec![
            part("acme-0001", vec![line("seats", 1, "40.00 USD")]),
            part("acme-0002", vec![line("seats", 1, "10.00 USD")]),
        ];
        let cent: Amount = "0.01 USD".parse().unwrap();
        parts[0].payable = parts[0].payable.plus(cent).unwrap();
        parts[1].payable = parts[1].payable.minus(cent).unwrap();
        let refused = bill(&cover(parts), &marks(), true).unwrap_err();
        assert!(
            matches!(refused, AmountError::NotTheSum { .. }),
            "{refused}"
        );
    }

    #[test]
    fn up_to_250_lines_of_a_cover_are_items_and_more_are_summed_within_their_statements() {
        let parts = |lines: usize, components: usize| {
            let each = |of: usize| {
                let lines = (0..lines)
                    .map(|own| line(&format!("c{:03}", own % components), own, "0.01 USD"));
                part(&format!("acme-{of:04}"), lines.collect())
            };
            (0..2).map(each).collect()
        };
        let of = |parts| amounts(&bill(&cover(parts), &marks(), true).unwrap());
        assert_eq!(of(parts(125, 1)).0.len(), 250);
        assert_eq!(of(parts(126, 2)), (vec![63, 63, 63, 63], 252));
        assert_eq!(of(parts(126, 126)), (vec![126, 126], 252));
        let steps = bill(&cover(parts(126, 126)), &marks(), true).unwrap();
        assert_eq!(
            value(&steps[2], "description"),
            Some("acme-0001 \u{b7} statement: 126 lines, as the statement lists them")
        );
    }

    #[test]
    fn orders_that_do_not_fit_the_footer_are_named_by_the_statements() {
        let mut own = cover(vec![part("acme-0001", vec![line("seats", 1, "1 USD")])]);
        let orders = |count: usize| (0..count).map(|at| format!("{at:0100}")).collect();
        own.po_numbers = orders(2);
        let footer = |own: &Bill| {
            let steps = bill(own, &marks(), true).unwrap();
            value(&steps[0], "footer").unwrap().to_owned()
        };
        assert!(footer(&own).starts_with("PO numbers: 000"));
        own.po_numbers = orders(50);
        assert_eq!(footer(&own), "PO numbers: as the statements name them");
    }

    #[test]
    fn a_void_takes_the_credits_back_first() {
        let credits = [("credit note acme-C0001".to_owned(), "cn_1".to_owned())];
        let steps = withdrawal("acme-0002", Some("in_1"), &credits, &marks());
        assert_eq!(names(&steps), ["void credit note acme-C0001", "void"]);
        let steps = withdrawal("acme-0002", None, &credits, &marks());
        assert_eq!(names(&steps), ["void credit note acme-C0001"]);
        let steps = part_withdrawal("acme-0002", 5, "usd", &credits, &marks());
        assert_eq!(
            names(&steps),
            ["void credit note acme-C0001", "credit of acme-0002"]
        );
        assert_eq!(
            names(&part_withdrawal("a", 0, "usd", &[], &marks())),
            [""; 0]
        );
    }
}
