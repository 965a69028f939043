//! `README.txt`: what a proof file is, for whoever unpacks one.

use super::About;

/// The text, which depends on nothing but what the file is about.
pub(super) fn readme(about: &About) -> String {
    let About {
        customer,
        contract,
        number,
        cut,
        origin,
        size,
        coverage,
        ..
    } = about;
    format!(
        "Proof of statement {number}\n\
         \n\
         Customer {customer}, contract {contract}, everything due by {cut}.\n\
         \n\
         This zip holds the whole log that buyer and seller share ({size} entries, of which the\n\
         statement was computed from the first {coverage}), the signed head of that log, and the\n\
         statement. Whoever has it can compute the statement again, to the last byte, without network\n\
         and without the seller's software.\n\
         \n\
         How to check it\n\
         \n\
         \x20 piecework verify FILE                  reads the file and checks everything\n\
         \x20 verify_piecework.py FILE               the same, in one file of plain Python\n\
         \x20 sha256sum -c MANIFEST                  only that the members are the ones listed\n\
         \n\
         Give the verifier the key of the log {origin}\n\
         from your contract, and the head that you verified last. The key in proof.json is only what\n\
         this file says of itself.\n\
         \n\
         What is in it\n\
         \n\
         \x20 proof.json          what this file is about\n\
         \x20 statement.json      the statement, before tax\n\
         \x20 log/checkpoint      the head of the log with its signatures (C2SP tlog-checkpoint)\n\
         \x20 log/tile/entries/   the entries, 256 in a file, each after its length in two bytes\n\
         \x20 log/tile/           the hashes of the log's tree (C2SP tlog-tiles)\n\
         \x20 payloads/           disclosed payloads, if any: 32 bytes of salt, then the payload\n\
         \n\
         What it proves, and what it does not\n\
         \n\
         That these entries are in the log under that key, that none is missing or altered up to the\n\
         head, that the prices and definitions in the log give this statement, and which entries the\n\
         buyer signed. It does not prove that the work was real: compare it with your own records.\n\
         Format: docs/reference/proof-file.md of piecework.\n"
    )
}
