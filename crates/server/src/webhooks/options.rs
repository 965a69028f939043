//! [`Options`]: what an operator says of webhooks: networks that may be reached, further roots of trust.

use std::sync::Arc;

use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::guard::{Guard, Network};

/// What an operator says of webhooks.
#[derive(Clone)]
pub struct Options {
    pub(crate) guard: Guard,
    pub(crate) tls: TlsConnector,
}

/// Options that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OptionsError {
    /// Something that is no certificate.
    #[error("the roots of trust are not certificates in PEM")]
    Roots(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// There is no certificate among them.
    #[error("the roots of trust hold no certificate")]
    NoRoots,
    /// The library of TLS refused.
    #[error("TLS cannot be set up")]
    Tls(#[source] tokio_rustls::rustls::Error),
}

impl Options {
    /// The open internet and `allowed` networks; the roots that browsers trust (Mozilla's), and those in `roots`
    /// (certificates in PEM).
    ///
    /// # Errors
    /// [`OptionsError`].
    pub fn new(allowed: Vec<Network>, roots: Option<&[u8]>) -> Result<Options, OptionsError> {
        let mut trusted: RootCertStore = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
        if let Some(pem) = roots {
            let mut count = 0;
            for certificate in CertificateDer::pem_slice_iter(pem) {
                let certificate =
                    certificate.map_err(|error| OptionsError::Roots(error.to_string().into()))?;
                let added = trusted.add(certificate);
                added.map_err(|error| OptionsError::Roots(Box::new(error)))?;
                count += 1;
            }
            if count == 0 {
                return Err(OptionsError::NoRoots);
            }
        }
        let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()));
        let builder = builder.with_safe_default_protocol_versions();
        let mut config = builder
            .map_err(OptionsError::Tls)?
            .with_root_certificates(trusted)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Options {
            guard: Guard::new(allowed),
            tls: TlsConnector::from(Arc::new(config)),
        })
    }

    /// Which addresses may be reached.
    pub(crate) fn guard(&self) -> &Guard {
        &self.guard
    }
}
