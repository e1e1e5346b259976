//! What would become of a record that stands still, if it were decided again now. Nothing is written: healing writes it, and whoever
//! tries a fix only looks.

use std::collections::BTreeSet;

use tallyman_core::amendment::{self, Amendment};
use tallyman_core::capsule::Document;
use tallyman_core::check;
use tallyman_core::document::{Order, Shipment};
use tallyman_core::effect::{Confirmation, Effect, Person, RefusedTwice};
use tallyman_core::finding::{Code, Finding};
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::journey::{Decision, Journey, decide};
use tallyman_store::seal::SubjectKey;
use tallyman_store::tables::exceptions;
use tallyman_store::tables::messages::Undecided;
use tallyman_store::{Store, UnitError};

use super::read::{AsItCame, Came, Parked, Shipped, Stopped};
use crate::amend;
use crate::intake::orders::decide_order;
use crate::intake::{checked, references};
use crate::known::Reference;
use crate::parts::Merchant;
use crate::units::Home;
use crate::vault::{Vault, mark, place};
use crate::worker::Worker;

/// With what a record is read and decided: everything but a worker.
#[derive(Clone, Copy)]
pub struct Desk<'a> {
    pub store: &'a Store,
    pub vault: &'a Vault,
    pub merchant: &'a Merchant,
    pub reference: &'a Reference,
    /// Amendments that are only tried: put over those that are kept.
    pub tried: &'a [Amendment],
}

/// A record as it was decided again.
pub struct Judged {
    pub key: SubjectKey,
    pub decision: Decision,
    pub home: Home,
    /// It is not as it stands.
    pub changes: bool,
    /// It stands under the same cards, for a reason that is told in other words.
    pub says_otherwise: bool,
    /// Numbers that the order goes by from now on.
    pub references: Vec<(&'static str, String)>,
}

/// An order that was stopped as a whole, as it is decided again.
struct StoppedNow {
    order: Order,
    key: SubjectKey,
    version: i64,
    cards: BTreeSet<String>,
    marks: BTreeSet<String>,
}

/// Codes whose records are shipments that hold what is not known to be on their order.
pub(super) const OF_SHIPMENTS: [Code; 2] = [Code::WarehouseSkuUnknown, Code::Substituted];

impl<'a> Desk<'a> {
    pub(crate) fn of(worker: &'a Worker, merchant: &'a Merchant, reference: &'a Reference) -> Self {
        Self {
            store: &worker.parts.store,
            vault: &worker.parts.vault,
            merchant,
            reference,
            tried: &[],
        }
    }

    /// The record of a card: a journey, with the name of what of it stands still. Several decisions where several shipments are meant,
    /// none where nothing of it is there any more.
    pub async fn judge(&self, code: Option<Code>, journey: &str, effect: &str) -> Result<Vec<Judged>, UnitError> {
        match effect {
            _ if code.is_some_and(|code| OF_SHIPMENTS.contains(&code)) => self.shipments(journey).await,
            "" => Ok(self.order(journey).await?.into_iter().collect()),
            _ => self.confirmations(journey).await,
        }
    }

    /// What a record is decided from: the documents that [`Self::judge`] decides, as people have amended them.
    pub async fn documents(&self, code: Option<Code>, journey: &str, effect: &str) -> Result<Vec<Document>, UnitError> {
        let of_shipment = code.is_some_and(|code| OF_SHIPMENTS.contains(&code));
        if effect.is_empty() && !of_shipment {
            let order = self.stopped(journey).await?.map(|stopped| stopped.order);
            return Ok(order.map(|order| Document::Order(Box::new(order))).into_iter().collect());
        }
        let Some((shipped, key)) = self.shipped(journey).await? else {
            return Ok(Vec::new());
        };
        let mut documents = Vec::new();
        for shipment in self.newest(journey, &key, shipped.messages, &shipped.amendments)? {
            let of = Box::new(shipped.journey.clone());
            if of_shipment {
                let stands = shipped.journey.shipments.iter().find(|known| known.key == shipment.key);
                if stands.is_some_and(|known| !known.stands.is_empty()) {
                    let shipment = Box::new(shipment);
                    documents.push(Document::Shipment { journey: of, shipment });
                }
            } else if let Some((effect, confirmation, by_person)) = self.parked_for(journey, &key, &shipment).await? {
                documents.push(Document::Confirmation {
                    journey: of,
                    effect,
                    confirmation: Box::new(confirmation),
                    shipment: Box::new(shipment),
                    by_person,
                });
            }
        }
        Ok(documents)
    }

    /// An order that was stopped as a whole, as people have amended it.
    async fn stopped(&self, journey: &str) -> Result<Option<StoppedNow>, UnitError> {
        let stopped = Stopped {
            journey: journey.to_owned(),
        };
        let Some(stopped) = self.store.read(stopped).await? else {
            return Ok(None);
        };
        let version = stopped.came.version;
        let (order, key) = self.opened(stopped.came)?;
        Ok(Some(StoppedNow {
            order,
            key,
            version,
            cards: stopped.cards,
            marks: stopped.marks,
        }))
    }

    /// An order however far it is, with its journey; none where it was never read, or is erased.
    pub async fn order_of(&self, journey: &str) -> Result<Option<(Journey, Order)>, UnitError> {
        let came = AsItCame {
            journey: journey.to_owned(),
        };
        let Some(came) = self.store.read(came).await? else {
            return Ok(None);
        };
        let of = came.journey.clone();
        Ok(Some((of, self.opened(came)?.0)))
    }

    fn opened(&self, came: Came) -> Result<(Order, SubjectKey), UnitError> {
        came.open(self.vault, self.merchant.company.as_str(), self.tried)
    }

    /// The shipments of an order, each by its newest word, with its journey.
    pub async fn shipments_of(&self, journey: &str) -> Result<Option<(Journey, Vec<Shipment>)>, UnitError> {
        let Some((shipped, key)) = self.shipped(journey).await? else {
            return Ok(None);
        };
        let shipments = self.newest(journey, &key, shipped.messages, &shipped.amendments)?;
        Ok(Some((shipped.journey, shipments)))
    }

    /// An order that was stopped as a whole, decided again.
    async fn order(&self, journey: &str) -> Result<Option<Judged>, UnitError> {
        let Some(StoppedNow {
            order,
            key,
            version,
            cards,
            marks,
        }) = self.stopped(journey).await?
        else {
            return Ok(None);
        };
        let company = self.merchant.company.as_str();
        let decision = decide_order(self.merchant, self.reference, &order);
        let found: BTreeSet<String> = decision
            .findings
            .iter()
            .map(|finding| exceptions::card(company, finding.code, &finding.cause).to_string())
            .collect();
        let said = |finding: &Finding| mark(&key, finding.code, &finding.cause, &finding.sentence);
        let says_otherwise = decision.findings.iter().map(said).collect::<BTreeSet<_>>() != marks;
        Ok(Some(Judged {
            key,
            changes: found.is_empty() || found != cards,
            says_otherwise,
            decision,
            home: Home::Again { version, document: None },
            references: references::of_order(&order),
        }))
    }

    /// The confirmations of a journey that wait for a carrier's name or a parcel number.
    async fn confirmations(&self, journey: &str) -> Result<Vec<Judged>, UnitError> {
        let Some((shipped, key)) = self.shipped(journey).await? else {
            return Ok(Vec::new());
        };
        let mut judged = Vec::new();
        for shipment in self.newest(journey, &key, shipped.messages, &shipped.amendments)? {
            if let Some(decision) = self.confirmation(&shipped.journey, &key, &shipment).await? {
                judged.push(Judged {
                    key: key.clone(),
                    changes: !decision.effects.is_empty(),
                    says_otherwise: false,
                    decision,
                    home: Home::Untouched,
                    references: Vec::new(),
                });
            }
        }
        Ok(judged)
    }

    /// What a shipment that is known means for its confirmation, if that was stopped by a guardrail.
    pub(crate) async fn confirmation(
        &self,
        journey: &Journey,
        key: &SubjectKey,
        shipment: &Shipment,
    ) -> Result<Option<Decision>, UnitError> {
        let Some((effect, confirmation, by_person)) = self.parked_for(journey.id.as_str(), key, shipment).await? else {
            return Ok(None);
        };
        let checked = checked(self.merchant, self.reference, |known| check::shipment(shipment, known));
        let stopped = (&effect, confirmation);
        Ok(Some(decide::on_confirmation_again(
            journey, stopped, shipment, &checked, by_person,
        )))
    }

    /// The confirmation of a shipment that a guardrail stopped, and whether it is one for a person.
    async fn parked_for(
        &self,
        journey: &str,
        key: &SubjectKey,
        shipment: &Shipment,
    ) -> Result<Option<(Fingerprint, Confirmation, bool)>, UnitError> {
        let parked = Parked {
            journey: journey.to_owned(),
        };
        for effect in self.store.read(parked).await? {
            let body = self.vault.open(key, place("effect", effect.id.as_str()), effect.body)?;
            let (confirmation, by_person) = match serde_json::from_slice(&body) {
                Ok(Effect::RefusedTwice(RefusedTwice::Confirm(confirmation))) => (confirmation, false),
                Ok(Effect::Person(Person::ConfirmPart(confirmation))) => (confirmation, true),
                Ok(_) => continue,
                Err(error) => return Err(UnitError::Refused(format!("effect {} cannot be read: {error}", effect.id))),
            };
            if confirmation.shipment == shipment.key {
                return Ok(Some((effect.id, confirmation, by_person)));
            }
        }
        Ok(None)
    }

    /// The shipments of a journey that hold what was not known to be on the order: just that part of each is taken in, if it is known now.
    async fn shipments(&self, journey: &str) -> Result<Vec<Judged>, UnitError> {
        let Some((mut shipped, key)) = self.shipped(journey).await? else {
            return Ok(Vec::new());
        };
        let mut judged = Vec::new();
        for shipment in self.newest(journey, &key, shipped.messages, &shipped.amendments)? {
            let checked = checked(self.merchant, self.reference, |known| check::shipment(&shipment, known));
            let again = decide::on_shipment_again(&shipped.journey, &shipment, &checked, self.merchant.confirm_parts);
            if let Some(decision) = again {
                let home = Home::Seen {
                    version: shipped.version,
                };
                (shipped.journey, shipped.version) = (decision.journey.clone(), shipped.version + 1);
                judged.push(Judged {
                    key: key.clone(),
                    changes: true,
                    says_otherwise: false,
                    decision,
                    home,
                    references: Vec::new(),
                });
            }
        }
        Ok(judged)
    }

    async fn shipped(&self, journey: &str) -> Result<Option<(super::read::ShippedOrder, SubjectKey)>, UnitError> {
        let shipped = Shipped {
            journey: journey.to_owned(),
        };
        let Some(shipped) = self.store.read(shipped).await? else {
            return Ok(None);
        };
        let key = self.vault.unwrap(self.merchant.company.as_str(), journey, &shipped.key)?;
        Ok(Some((shipped, key)))
    }

    /// The newest word about each shipment, with what people have amended of it.
    fn newest(
        &self,
        journey: &str,
        key: &SubjectKey,
        messages: Vec<Undecided>,
        amendments: &[tallyman_store::tables::amendments::Stored],
    ) -> Result<Vec<Shipment>, UnitError> {
        let mut seen = BTreeSet::new();
        let mut newest = Vec::new();
        for message in messages {
            let body = self.vault.open(key, place("message", &message.record), message.body)?;
            let Ok(shipment) = self.merchant.warehouse.read_shipment(&body) else {
                continue;
            };
            if seen.insert(shipment.key.clone()) {
                let of = (shipment.key.as_str(), amendments.to_vec());
                let amended = amend::opened(self.vault, key, journey, of, self.tried)?;
                newest.push(amendment::shipment(&shipment, &amended));
            }
        }
        Ok(newest)
    }
}
