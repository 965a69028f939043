//! The page about the API: its commands run, and print what it says.
//!
//! Blocks marked `console` hold commands behind `$ ` and below each what it prints, as in all other pages; here
//! they run against a server with the small book. `PIECEWORK_UPDATE=1` writes the page anew.

use std::path::Path;
use std::process::Command;

use piecework_server::access::Role;
use piecework_server::serve;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::desk;

/// The page with what its commands print now.
fn rewritten(page: &str, run: impl Fn(&str) -> String) -> String {
    let mut out = String::new();
    let mut is_console = false;
    for line in page.lines() {
        let command = line.strip_prefix("$ ").filter(|_| is_console);
        if line.starts_with("```") {
            is_console = line == "```console";
        }
        if command.is_some() || !is_console || line.starts_with("```") {
            out.push_str(line);
            out.push('\n');
        }
        if let Some(command) = command {
            out.push_str(&run(command));
        }
    }
    out
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_about_the_api_says_what_a_server_answers() {
    let server = desk::with_works().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (stop, stopped) = oneshot::channel::<()>();
    let (app, router) = (server.app.clone(), server.router.clone());
    let running = tokio::spawn(serve(listener, app, router, async {
        let _ = stopped.await;
    }));
    let header = |role| format!("authorization: Bearer {}", server.key(role));
    let (finance, buyer) = (header(Role::Finance), header(Role::Buyer));
    let run = |command: &str| {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("exec 2>&1\n{command}")]);
        let shell = shell
            .env("URL", &url)
            .env("FINANCE", &finance)
            .env("BUYER", &buyer);
        let output = tokio::task::block_in_place(|| shell.output().unwrap());
        String::from_utf8(output.stdout).unwrap()
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .unwrap();
    let file = root.join("docs/reference/api.md");
    let page = std::fs::read_to_string(&file).unwrap();
    let now = rewritten(&page, run);
    let _ = stop.send(());
    running.await.unwrap();
    if std::env::var_os("PIECEWORK_UPDATE").is_some() {
        std::fs::write(&file, &now).unwrap();
    } else {
        assert_eq!(
            page, now,
            "PIECEWORK_UPDATE=1 writes the page anew; read the difference"
        );
    }
}
