//! The shared headers: a closed list of attributes that any event may carry.
//!
//! A definition keys its scope by headers (`one_per = { key = ["case"] }`), filters by them
//! (`environment != "test"`), and a price may vary by them. The list is closed so that both parties
//! can read every rule, and holds nothing that a buyer must not see: model and agent names belong to
//! costs, which live in the seller-only log.

use smol_str::SmolStr;

/// Name of a shared header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Header {
    /// The work instance itself: the envelope's `workid`, never written in `data`.
    Work,
    /// Id of the work-unit definition that the event is about, where a customer has several.
    Unit,
    /// Case, ticket or incident.
    Case,
    /// Conversation or thread.
    Conversation,
    /// Issue inside a conversation, where one conversation may hold several.
    Issue,
    /// End user of the buyer.
    User,
    /// Channel: chat, email, voice, web, ...
    Channel,
    /// Lead or prospect.
    Lead,
    /// Document, filing or claim.
    Document,
    /// Repository of a code change.
    Repository,
    /// Patch or pull request.
    Patch,
    /// Customer account of the buyer, deal or subscription saved.
    Deal,
    /// Service or priority tier.
    Tier,
    /// Department, cost centre or region of the buyer.
    Department,
    /// Language of the work.
    Language,
    /// Category of the work.
    Category,
    /// Compliance control in force for the work.
    Control,
    /// `production`, `test`, `sandbox`; test is never billable yet counted.
    Environment,
}

impl Header {
    /// All headers, in the order of their documentation.
    pub const ALL: [Header; 18] = [
        Header::Work,
        Header::Unit,
        Header::Case,
        Header::Conversation,
        Header::Issue,
        Header::User,
        Header::Channel,
        Header::Lead,
        Header::Document,
        Header::Repository,
        Header::Patch,
        Header::Deal,
        Header::Tier,
        Header::Department,
        Header::Language,
        Header::Category,
        Header::Control,
        Header::Environment,
    ];

    /// The header's name in events, definitions and plans.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Header::Work => "work",
            Header::Unit => "unit",
            Header::Case => "case",
            Header::Conversation => "conversation",
            Header::Issue => "issue",
            Header::User => "user",
            Header::Channel => "channel",
            Header::Lead => "lead",
            Header::Document => "document",
            Header::Repository => "repository",
            Header::Patch => "patch",
            Header::Deal => "deal",
            Header::Tier => "tier",
            Header::Department => "department",
            Header::Language => "language",
            Header::Category => "category",
            Header::Control => "control",
            Header::Environment => "environment",
        }
    }

    /// The header of that name, or `None`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Header> {
        Header::ALL.into_iter().find(|header| header.name() == name)
    }
}

/// Which headers are there, without their values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct HeaderSet(u32);

impl HeaderSet {
    /// Whether a header is there.
    #[must_use]
    pub const fn contains(self, header: Header) -> bool {
        self.0 & (1 << header as u32) != 0
    }
}

/// The headers that one event carries.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Headers(Vec<(Header, SmolStr)>);

impl Headers {
    /// The value, or `None` where the event does not say.
    #[must_use]
    pub fn get(&self, header: Header) -> Option<&SmolStr> {
        let place = self.place(header).ok()?;
        Some(&self.0[place].1)
    }

    /// Sets a header.
    pub fn set(&mut self, header: Header, value: impl Into<SmolStr>) {
        match self.place(header) {
            Ok(place) => self.0[place].1 = value.into(),
            Err(place) => self.0.insert(place, (header, value.into())),
        }
    }

    /// Which headers are present.
    #[must_use]
    pub fn present(&self) -> HeaderSet {
        let bits = self.0.iter().map(|(header, _)| 1 << *header as u32);
        HeaderSet(bits.fold(0, |all, own: u32| all | own))
    }

    /// The headers present, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Header, &SmolStr)> {
        self.0.iter().map(|(header, value)| (*header, value))
    }

    /// Where a header stands, or belongs: events carry few, and they stand in the order of [`Header`].
    fn place(&self, header: Header) -> Result<usize, usize> {
        self.0.binary_search_by_key(&header, |(own, _)| *own)
    }
}
