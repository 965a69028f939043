//! Somebody who has signed in, looks at screens, and sends their forms as a browser does.

use axum::body::Body;
use axum::http::Request;
use piecework_server::access::Role;

use crate::support::{Answer, Server};

/// Who signed in.
pub struct Person<'a> {
    server: &'a Server,
    pub cookie: String,
}

impl<'a> Person<'a> {
    /// Somebody with the key of a role.
    pub async fn of_role(server: &'a Server, role: Role) -> Person<'a> {
        Person::with_key(server, server.key(role)).await
    }

    /// Somebody with a key.
    pub async fn with_key(server: &'a Server, key: &str) -> Person<'a> {
        let request = Request::post("/sign-in").header("sec-fetch-site", "same-origin");
        let body = Body::from(format!("key={key}"));
        let answer = server.send(request.body(body).unwrap()).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        Person::with_cookie(server, &answer)
    }

    /// Whoever an answer gave a cookie.
    pub fn with_cookie(server: &'a Server, answer: &Answer) -> Person<'a> {
        let cookie = answer.headers["set-cookie"].to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        Person { server, cookie }
    }

    /// A screen.
    pub async fn looks(&self, path: &str) -> Answer {
        let request = Request::get(path).header("cookie", &self.cookie);
        self.server.send(request.body(Body::empty()).unwrap()).await
    }

    /// A screen that is there, and says all of it.
    pub async fn reads(&self, path: &str, words: &[&str]) -> String {
        let answer = self.looks(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        says(path, &answer.text, words);
        answer.text
    }

    /// Opens a screen, fills in one of its forms and sends it.
    pub async fn fills_in(&self, path: &str, act: &str, fields: &[(&str, &str)]) -> Answer {
        let opened = self.looks(path).await;
        self.sends(path, act, &once(&opened.text), fields).await
    }

    /// Sends a form of a screen that was opened before.
    pub async fn sends(
        &self,
        path: &str,
        act: &str,
        once: &str,
        fields: &[(&str, &str)],
    ) -> Answer {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.append_pair("act", act).append_pair("once", once);
        for (name, value) in fields {
            // As browsers end lines.
            body.append_pair(name, &value.replace('\n', "\r\n"));
        }
        let media_type = "application/x-www-form-urlencoded";
        self.posts(path, media_type, body.finish()).await
    }

    /// Sends a body from a page of this server.
    pub async fn posts(&self, path: &str, media_type: &str, body: String) -> Answer {
        let path = path.split('?').next().unwrap();
        let request = Request::post(path)
            .header("cookie", &self.cookie)
            .header("sec-fetch-site", "same-origin")
            .header("content-type", media_type);
        self.server
            .send(request.body(Body::from(body)).unwrap())
            .await
    }

    /// The screen that an answer leads to, which tells what was done.
    pub async fn is_led_on(&self, answer: &Answer, told: &str) -> String {
        assert_eq!(answer.status, 303, "{}", answer.text);
        let next = answer.headers["location"].to_str().unwrap().to_owned();
        let told = format!("<p class=\"notice\" role=\"status\"><bdi>{told}");
        let text = self.reads(&next, &[&told]).await;
        let again = self.looks(&next).await;
        assert!(!again.text.contains(&told), "told once: {next}");
        text
    }
}

/// A screen that is shown again, and says what is wrong.
pub fn is_refused(answer: &Answer, status: u16, words: &[&str]) {
    assert_eq!(answer.status, status, "{}", answer.text);
    says("refused", &answer.text, &["Nothing was done."]);
    says("refused", &answer.text, words);
}

/// The word that a page drew for its forms.
pub fn once(page: &str) -> String {
    let found = page.split("name=\"once\" value=\"").nth(1);
    let found = found.and_then(|rest| rest.split('"').next());
    found.unwrap_or_default().to_owned()
}

pub fn says(path: &str, text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "{path}: {word}: {text}");
    }
}
