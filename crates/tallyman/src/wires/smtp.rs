//! Mail to the real world: one connection a mail, and a strict word on what its loss proves.
//!
//! There is no pool: a connection that was kept goes stale unseen. Until the mail itself is sent, whatever goes wrong proves that it was not
//! taken; after that only the server's own answer does. A server without TLS where TLS was asked for is no server.
//!
//! Not here: how long it may take in all (the engine's, on its own clock), and what is in the mail.

use std::time::{Duration, SystemTime};

use futures_util::FutureExt;
use lettre::address::Envelope;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use tallyman_core::seam::{Lost, Mail, MailSecurity, MailServer, Posted};

use super::http::install_tls;

/// How long it may take to be connected, TLS included. In real time, as the network's is.
const CONNECT_MAX: Duration = Duration::from_secs(15);

/// Hands one mail over.
pub async fn deliver(mail: Mail) -> Result<Posted, Lost> {
    let (envelope, bytes) = written(&mail).map_err(Lost::NotConnected)?;
    let mut connection = match connect(&mail.server, &domain(&mail.from)).await {
        Ok(connection) => connection,
        Err(Failed::Tls(words)) => return Err(Lost::NotConnected(words)),
        Err(Failed::Smtp(error)) => return answered(&error).ok_or_else(|| Lost::NotConnected(words(&error))),
    };
    let sent = connection.send(&envelope, &bytes).await;
    let posted = match sent {
        Ok(response) => Ok(Posted {
            code: code(response.code()),
            words: response.message().collect::<Vec<_>>().join(" "),
        }),
        Err(error) => answered(&error).ok_or_else(|| Lost::NoAnswer(words(&error))),
    };
    // Goodbye is said and not waited for: the mail has its answer.
    let _ = connection.quit().now_or_never();
    posted
}

/// The mail as RFC 5322 has it, with who it goes to.
pub fn written(mail: &Mail) -> Result<(Envelope, Vec<u8>), String> {
    let mailbox = |text: &str| {
        text.parse::<Mailbox>()
            .map_err(|error| format!("`{text}` is no mail address: {error}"))
    };
    let since_epoch = Duration::from_micros(u64::try_from(mail.at.micros()).unwrap_or_default());
    let references: Vec<String> = mail.references.iter().map(|id| format!("<{id}>")).collect();
    let mut builder = Message::builder()
        .date(SystemTime::UNIX_EPOCH + since_epoch)
        .message_id(Some(format!("<{}>", mail.message_id)))
        .from(mailbox(&mail.from)?)
        .subject(&mail.subject)
        .header(ContentType::TEXT_PLAIN);
    if !references.is_empty() {
        builder = builder.references(references.join(" "));
    }
    for to in &mail.to {
        builder = builder.to(mailbox(to)?);
    }
    for (name, value) in &mail.headers {
        builder = builder.raw_header(HeaderValue::new(HeaderName::new_from_ascii_str(name), value.clone()));
    }
    let message = builder
        .body(mail.text.clone())
        .map_err(|error| format!("the mail cannot be written: {error}"))?;
    Ok((message.envelope().clone(), message.formatted()))
}

enum Failed {
    Smtp(Error),
    Tls(String),
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Smtp(error)
    }
}

/// Connected, encrypted as asked, and signed in.
async fn connect(server: &MailServer, domain: &str) -> Result<AsyncSmtpConnection, Failed> {
    let hello = ClientId::Domain(domain.to_owned());
    let address = (server.host.as_str(), server.port);
    let at_once = match server.security {
        MailSecurity::Tls => Some(tls(server)?),
        MailSecurity::StartTls | MailSecurity::None => None,
    };
    let mut connection = AsyncSmtpConnection::connect_tokio1(address, Some(CONNECT_MAX), &hello, at_once, None).await?;
    if server.security == MailSecurity::StartTls {
        // Refused where the server has none: nothing goes in plain because somebody in between took the word out.
        connection.starttls(tls(server)?, &hello).await?;
    }
    if let Some((user, password)) = &server.sign_in {
        let credentials = Credentials::new(user.clone(), password.clone());
        connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials).await?;
    }
    Ok(connection)
}

fn tls(server: &MailServer) -> Result<TlsParameters, Failed> {
    install_tls();
    let unusable = |error: Error| Failed::Tls(format!("TLS could not be set up: {}", words(&error)));
    let mut builder = TlsParameters::builder(server.host.clone());
    if let Some(pem) = &server.certificate {
        builder = builder.add_root_certificate(Certificate::from_pem(pem.as_bytes()).map_err(unusable)?);
    }
    builder.build_rustls().map_err(unusable)
}

/// What the server answered, where it did.
fn answered(error: &Error) -> Option<Posted> {
    error.status().map(|status| Posted {
        code: code(status),
        words: words(error),
    })
}

fn code(code: lettre::transport::smtp::response::Code) -> u16 {
    code.to_string().parse().unwrap_or(0)
}

/// The chain of causes.
fn words(error: &Error) -> String {
    let mut words = vec![error.to_string()];
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        let said = error.to_string();
        if !words.iter().any(|known| known.contains(&said)) {
            words.push(said);
        }
        cause = error.source();
    }
    words.join(": ")
}

/// What we say hello as: the sender's domain.
fn domain(from: &str) -> String {
    let address = from.rsplit('<').next().unwrap_or_default().trim_end_matches('>');
    address.rsplit('@').next().unwrap_or("localhost").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tallyman_core::time::Timestamp;

    #[test]
    fn a_mail_is_the_same_bytes_whenever_it_is_sent() {
        let mail = Mail {
            server: MailServer {
                host: "localhost".into(),
                port: 25,
                security: MailSecurity::None,
                sign_in: None,
                certificate: None,
            },
            from: "Tallyman <tallyman@example.com>".into(),
            to: vec!["Warehouse <ops@example.com>".into(), "finance@example.com".into()],
            subject: "[acme] A retailer's item code is not known: SKU Größe".into(),
            message_id: "2PF6SGY76AFIEBD5@example.com".into(),
            references: vec!["CARD.1@example.com".into()],
            headers: vec![("Auto-Submitted", "auto-generated".into())],
            at: Timestamp::parse_rfc3339("2026-11-20T09:58:01Z").unwrap(),
            text: "Größe fehlt (3 records).\n\nhttps://tallyman.example.com/cards/2PF6SGY76AFIEBD5\n".into(),
        };
        let (envelope, bytes) = written(&mail).unwrap();
        assert_eq!(envelope.to().len(), 2);
        let text = String::from_utf8(bytes.clone()).unwrap();
        let (headers, _) = text.split_once("\r\n\r\n").unwrap();
        for header in [
            "Message-ID: <2PF6SGY76AFIEBD5@example.com>",
            "References: <CARD.1@example.com>",
            "Date: Fri, 20 Nov 2026 09:58:01 +0000",
            "Auto-Submitted: auto-generated",
        ] {
            assert!(headers.lines().any(|line| line == header), "{header} is not in\n{headers}");
        }
        assert!(
            text.is_ascii(),
            "whatever stands in a cause, every server can take it:\n{text}"
        );
        assert_eq!(written(&mail).unwrap().1, bytes);
    }
}
