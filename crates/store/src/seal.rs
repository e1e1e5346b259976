//! Sealing: personal data can be read only with a key that can be destroyed.
//!
//! Each subject (a journey) has a random key of its own. What it seals, and what the journal commits to on its behalf, hangs
//! on that key: destroy it, and every copy of the data, backups of the tables included, is noise. The keys themselves are
//! kept wrapped under a master key that comes from the configuration and is never stored.
//!
//! The cipher is XChaCha20-Poly1305, whose nonces are long enough to be drawn at random. What is sealed is bound to its
//! table, row and field, so it cannot be moved to another place and still open.
//!
//! Keys and nonces are drawn from the [`Rng`] that is passed in.
//!
//! Not here: where wrapped keys are kept ([`crate::keys`]).

use std::collections::BTreeMap;
use std::fmt;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use tallyman_core::seam::Rng;
use zeroize::Zeroizing;

/// The first byte of everything sealed in today's format.
const FORMAT: u8 = 1;
const KEY_BYTES: usize = 32;
const KEY_ID_BYTES: usize = 8;
const NONCE_BYTES: usize = 24;

/// Why something sealed does not open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Not something this program sealed.
    #[error("this was not sealed by this program, or was cut short")]
    Malformed,
    /// Sealed under the key of another subject.
    #[error("this was sealed for another subject")]
    OtherSubject,
    /// The master key that is needed is not configured.
    #[error("master key number {0} is needed and is not configured")]
    NoMaster(u32),
    /// Altered since, moved from its place, or sealed under another key.
    #[error("this was altered, or moved from the place it was sealed for")]
    Refused,
}

/// Where something sealed is kept. It opens nowhere else.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The table.
    pub table: &'a str,
    /// The row's key.
    pub row: &'a str,
    /// The column, or the field within it.
    pub field: &'a str,
}

impl Place<'_> {
    fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for part in [self.table, self.row, self.field] {
            // With its length before it, no part can borrow a letter from the next.
            out.extend((part.len() as u64).to_be_bytes());
            out.extend(part.as_bytes());
        }
        out
    }
}

/// Bytes that only their subject's key opens. Safe to store and to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed(Vec<u8>);

impl Sealed {
    /// As read from the store. Whether it opens shows when it is opened.
    pub fn from_stored(bytes: Vec<u8>) -> Sealed {
        Sealed(bytes)
    }

    /// As kept in the store: format, key id, nonce, ciphertext with tag.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl crate::ToValue for Sealed {
    fn to_value(&self) -> crate::Value<'_> {
        self.0.to_value()
    }
}

/// The key of one subject, in the clear. Wiped from memory when dropped.
#[derive(Clone)]
pub struct SubjectKey {
    key: Zeroizing<[u8; KEY_BYTES]>,
    sealing: Zeroizing<[u8; KEY_BYTES]>,
    committing: Zeroizing<[u8; KEY_BYTES]>,
    id: [u8; KEY_ID_BYTES],
}

impl fmt::Debug for SubjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SubjectKey(…)")
    }
}

impl SubjectKey {
    /// A new key.
    pub fn draw(rng: &mut dyn Rng) -> SubjectKey {
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        rng.fill(key.as_mut());
        SubjectKey::from_key(key)
    }

    fn from_key(key: Zeroizing<[u8; KEY_BYTES]>) -> SubjectKey {
        // One key per purpose, so that a commitment can say nothing about what is sealed.
        let derive = |purpose: &str| Zeroizing::new(keyed_hash(&key, purpose.as_bytes()));
        let mut id = [0; KEY_ID_BYTES];
        id.copy_from_slice(&derive("tallyman key id 1")[..KEY_ID_BYTES]);
        SubjectKey {
            sealing: derive("tallyman sealing 1"),
            committing: derive("tallyman committing 1"),
            id,
            key,
        }
    }

    /// Seals `plain` for `place`.
    pub fn seal(&self, place: Place<'_>, plain: &[u8], rng: &mut dyn Rng) -> Sealed {
        let nonce = draw_nonce(rng);
        let mut out = vec![FORMAT];
        out.extend(self.id);
        out.extend(nonce);
        out.extend(encrypt(&self.sealing, nonce, plain, &place.bytes()));
        Sealed(out)
    }

    /// What was sealed for `place`.
    pub fn open(&self, place: Place<'_>, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let (id, rest) = unpack::<KEY_ID_BYTES>(&sealed.0)?;
        if id != self.id {
            return Err(SealError::OtherSubject);
        }
        decrypt(&self.sealing, rest, &place.bytes())
    }

    /// HMAC-SHA256 of `content` under this key: what the journal keeps in its stead. Without the key nobody can test a guess.
    pub(crate) fn commit(&self, content: &[u8]) -> [u8; 32] {
        keyed_hash(&self.committing, content)
    }
}

/// A subject's key as it is stored: wrapped under a master key, for this subject only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrapped(Vec<u8>);

impl Wrapped {
    /// As read from the store.
    pub fn from_stored(bytes: Vec<u8>) -> Wrapped {
        Wrapped(bytes)
    }

    /// As kept in the store: format, number of the master key, nonce, ciphertext with tag.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The number of the master key that it is under; none of what is no wrapped key.
    pub fn master(&self) -> Option<u32> {
        unpack::<4>(&self.0).ok().map(|(number, _)| u32::from_be_bytes(number))
    }
}

/// The master keys: the one that wraps, and older ones that still open.
#[derive(Clone)]
pub struct MasterKeys {
    current: u32,
    keys: BTreeMap<u32, Zeroizing<[u8; KEY_BYTES]>>,
}

impl fmt::Debug for MasterKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKeys(current {})", self.current)
    }
}

impl MasterKeys {
    /// The key that wraps from now on, with the number by which the configuration knows it.
    pub fn new(number: u32, key: [u8; KEY_BYTES]) -> MasterKeys {
        MasterKeys {
            current: number,
            keys: BTreeMap::from([(number, Zeroizing::new(key))]),
        }
    }

    /// The number of the key that wraps.
    pub fn current(&self) -> u32 {
        self.current
    }

    /// Also opens what was wrapped under an older key.
    pub fn with_older(mut self, number: u32, key: [u8; KEY_BYTES]) -> MasterKeys {
        self.keys.entry(number).or_insert_with(|| Zeroizing::new(key));
        self
    }

    /// Wraps a subject's key for the store.
    pub fn wrap(&self, company: &str, subject: &str, key: &SubjectKey, rng: &mut dyn Rng) -> Wrapped {
        let nonce = draw_nonce(rng);
        let mut out = vec![FORMAT];
        out.extend(self.current.to_be_bytes());
        out.extend(nonce);
        out.extend(encrypt(
            &self.keys[&self.current],
            nonce,
            key.key.as_ref(),
            &owner(company, subject),
        ));
        Wrapped(out)
    }

    /// The subject's key.
    pub fn unwrap(&self, company: &str, subject: &str, wrapped: &Wrapped) -> Result<SubjectKey, SealError> {
        let (number, rest) = unpack::<4>(&wrapped.0)?;
        let number = u32::from_be_bytes(number);
        let master = self.keys.get(&number).ok_or(SealError::NoMaster(number))?;
        let key = decrypt(master, rest, &owner(company, subject))?;
        let key: [u8; KEY_BYTES] = key.as_slice().try_into().map_err(|_| SealError::Malformed)?;
        Ok(SubjectKey::from_key(Zeroizing::new(key)))
    }

    /// Whether a key was wrapped under an older master key, so that it should be wrapped again.
    pub fn is_outdated(&self, wrapped: &Wrapped) -> bool {
        wrapped.master().is_some_and(|number| number != self.current)
    }
}

fn owner(company: &str, subject: &str) -> Vec<u8> {
    Place {
        table: "subject_key",
        row: company,
        field: subject,
    }
    .bytes()
}

fn draw_nonce(rng: &mut dyn Rng) -> [u8; NONCE_BYTES] {
    let mut nonce = [0; NONCE_BYTES];
    rng.fill(&mut nonce);
    nonce
}

/// Splits off the format byte and the `N` bytes after it.
fn unpack<const N: usize>(bytes: &[u8]) -> Result<([u8; N], &[u8]), SealError> {
    let (&format, rest) = bytes.split_first().ok_or(SealError::Malformed)?;
    let (head, rest) = rest.split_first_chunk::<N>().ok_or(SealError::Malformed)?;
    if format != FORMAT {
        return Err(SealError::Malformed);
    }
    Ok((*head, rest))
}

fn encrypt(key: &[u8; KEY_BYTES], nonce: [u8; NONCE_BYTES], plain: &[u8], place: &[u8]) -> Vec<u8> {
    XChaCha20Poly1305::new(key.into())
        .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: place })
        .expect("the cipher refuses only texts of more than 256 GB")
}

/// Opens a nonce with its ciphertext.
fn decrypt(key: &[u8; KEY_BYTES], nonce_and_text: &[u8], place: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let (nonce, text) = nonce_and_text
        .split_first_chunk::<NONCE_BYTES>()
        .ok_or(SealError::Malformed)?;
    let opened = XChaCha20Poly1305::new(key.into()).decrypt(&XNonce::from(*nonce), Payload { msg: text, aad: place });
    opened.map(Zeroizing::new).map_err(|_| SealError::Refused)
}

fn keyed_hash(key: &[u8; KEY_BYTES], content: &[u8]) -> [u8; 32] {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(content);
    mac.finalize().into_bytes().into()
}

/// The plain hash of `content`, for what is nobody's secret.
pub(crate) fn open_hash(content: &[u8]) -> [u8; 32] {
    Sha256::new_with_prefix(b"tallyman open content 1")
        .chain_update(content)
        .finalize()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts, so that tests can be read.
    struct Counting(u8);

    impl Rng for Counting {
        fn fill(&mut self, bytes: &mut [u8]) {
            for byte in bytes {
                *byte = self.0;
                self.0 = self.0.wrapping_add(1);
            }
        }
    }

    const ADDRESS: Place<'_> = Place {
        table: "order",
        row: "17",
        field: "address",
    };

    #[test]
    fn what_is_sealed_opens_in_its_place_and_nowhere_else() {
        let rng = &mut Counting(0);
        let key = SubjectKey::draw(rng);
        let sealed = key.seal(ADDRESS, b"1 High Street", rng);
        assert_eq!(key.open(ADDRESS, &sealed).unwrap().as_slice(), b"1 High Street");
        for moved in [
            Place { row: "18", ..ADDRESS },
            Place {
                table: "customer",
                ..ADDRESS
            },
            Place {
                table: "order1",
                row: "7",
                ..ADDRESS
            },
        ] {
            assert_eq!(key.open(moved, &sealed).unwrap_err(), SealError::Refused);
        }
    }

    #[test]
    fn another_subjects_key_and_an_altered_text_are_refused() {
        let rng = &mut Counting(0);
        let key = SubjectKey::draw(rng);
        let sealed = key.seal(ADDRESS, b"1 High Street", rng);
        assert_eq!(
            SubjectKey::draw(rng).open(ADDRESS, &sealed).unwrap_err(),
            SealError::OtherSubject
        );
        for place in 0..sealed.as_bytes().len() {
            let mut altered = sealed.as_bytes().to_vec();
            altered[place] ^= 1;
            key.open(ADDRESS, &Sealed::from_stored(altered)).unwrap_err();
            key.open(ADDRESS, &Sealed::from_stored(sealed.as_bytes()[..place].to_vec()))
                .unwrap_err();
        }
    }

    #[test]
    fn a_wrapped_key_opens_for_its_own_subject_only() {
        let rng = &mut Counting(0);
        let masters = MasterKeys::new(1, [7; 32]);
        let key = SubjectKey::draw(rng);
        let wrapped = masters.wrap("acme", "journey-1", &key, rng);
        assert_eq!(masters.unwrap("acme", "journey-1", &wrapped).unwrap().key, key.key);
        assert_eq!(masters.unwrap("acme", "journey-2", &wrapped).unwrap_err(), SealError::Refused);
        assert_eq!(
            masters.unwrap("other", "journey-1", &wrapped).unwrap_err(),
            SealError::Refused
        );
    }

    #[test]
    fn an_older_master_key_still_opens_until_it_is_gone() {
        let rng = &mut Counting(0);
        let key = SubjectKey::draw(rng);
        let wrapped = MasterKeys::new(1, [7; 32]).wrap("acme", "journey-1", &key, rng);
        let both = MasterKeys::new(2, [8; 32]).with_older(1, [7; 32]);
        assert!(both.is_outdated(&wrapped));
        let again = both.wrap("acme", "journey-1", &both.unwrap("acme", "journey-1", &wrapped).unwrap(), rng);
        assert!(!both.is_outdated(&again));
        let newest = MasterKeys::new(2, [8; 32]);
        assert_eq!(newest.unwrap("acme", "journey-1", &again).unwrap().key, key.key);
        assert_eq!(
            newest.unwrap("acme", "journey-1", &wrapped).unwrap_err(),
            SealError::NoMaster(1)
        );
    }

    #[test]
    fn keys_are_never_printed() {
        assert_eq!(format!("{:?}", SubjectKey::draw(&mut Counting(0))), "SubjectKey(…)");
        assert_eq!(format!("{:?}", MasterKeys::new(3, [7; 32])), "MasterKeys(current 3)");
    }
}
