//! What the ledger refuses for a reason that it can be asked about: accounts on hold, rights, periods. Once the reason is gone there,
//! what was refused goes on without anybody's word.

use std::time::Duration;

use tallyman_core::cause::Cause;
use tallyman_core::facts::PRICES;
use tallyman_core::finding::Code;
use tallyman_core::seam::Clock;
use tallyman_store::tables::exceptions::Card;
use tallyman_store::{Tx, Unit, UnitError, params};
use tallyman_tests::scene::Scene;
use tallyman_twin::audit::audit;

use crate::shared::{LEDGER, answer_again, day, goes_on, one_card, one_card_of_the_order};

const A_MINUTE: Duration = Duration::from_secs(60);
/// How soon it goes on by itself: the ledger is asked every five minutes, and what follows takes a while.
const WITHIN: Duration = Duration::from_secs(7 * 60);

/// The customer's account is on hold when the ledger is read; then, on another day, it is put on hold afterwards, so that only the
/// ledger's refusal shows it.
pub fn credit_hold() {
    day(async |scene| {
        hold(&scene, true);
        let card = one_card_of_the_order(&scene, Code::CreditHold).await;
        assert_eq!(card.cause, Cause::Account("VSRETAIL".into()));
        assert_eq!(sent(&scene).await, 0, "nothing is sent that is known to be refused");
        hold(&scene, false);
        goes_on(&scene, Code::CreditHold).await;
    });
    day(async |mut scene| {
        once_read(&mut scene).await;
        hold(&scene, true);
        let card = one_card_of_the_order(&scene, Code::CreditHold).await;
        assert_eq!(card.cause, Cause::Account("VSRETAIL".into()));
        stays(&scene, &card).await;
        hold(&scene, false);
        goes_on_by_itself(&scene, &card).await;
    });
    day(async |mut scene| {
        once_read(&mut scene).await;
        hold(&scene, true);
        let card = one_card(&scene, Code::CreditHold).await;
        hold(&scene, false);
        // A person who does not want to wait.
        answer_again(&scene, &card).await;
        scene
            .work_until("sent at once", async |scene| scene.cards(Code::CreditHold).await.is_empty())
            .await;
        each_once(&scene).await;
    });
}

/// Our user may not give a line its price: known beforehand, or by a refusal.
pub fn permission_missing() {
    let right = Cause::field(LEDGER, PRICES);
    day(async |scene| {
        scene.twin.books().sage.allow_prices(1, false);
        let card = one_card_of_the_order(&scene, Code::PermissionMissing).await;
        assert_eq!(card.cause, right);
        assert_eq!(sent(&scene).await, 0, "nothing is sent that is known to be refused");
        scene.twin.books().sage.allow_prices(1, true);
        goes_on(&scene, Code::PermissionMissing).await;
    });
    day(async |mut scene| {
        once_read(&mut scene).await;
        scene.twin.books().sage.allow_prices(1, false);
        let card = one_card_of_the_order(&scene, Code::PermissionMissing).await;
        assert_eq!(card.cause, right);
        stays(&scene, &card).await;
        scene.twin.books().sage.allow_prices(1, true);
        goes_on_by_itself(&scene, &card).await;
    });
}

/// The goods leave on a day whose period is closed in the ledger.
pub fn period_not_normal() {
    day(async |scene| {
        scene.twin.books().sage.close_before(1, "2026-12-01");
        let card = one_card(&scene, Code::PeriodNotNormal).await;
        assert!(
            matches!(&card.cause, Cause::Day { source, .. } if source.as_str() == LEDGER),
            "{:?}",
            card.cause
        );
        stays(&scene, &card).await;
        scene.twin.books().sage.close_before(1, "");
        goes_on_by_itself(&scene, &card).await;
    });
}

fn hold(scene: &Scene, on_hold: bool) {
    scene.twin.books().sage.put_on_hold(1, "VSRETAIL", on_hold);
}

/// The ledger is read before any order comes, so that what changes there then is shown by its refusals only.
async fn once_read(scene: &mut Scene) {
    scene.closed_until = Some(("/restapi/v4/orders", scene.clock.now().plus(10 * A_MINUTE)));
    scene.work_for("reads the ledger", 5 * A_MINUTE).await;
}

/// Asked again and again, the ledger says that nothing has changed, and nothing is sent to it in vain.
async fn stays(scene: &Scene, card: &Card) {
    let before = sent(scene).await;
    scene.work_for("asks", 20 * A_MINUTE).await;
    assert_eq!(
        scene.cards(card.code.parse().expect("a code")).await,
        std::slice::from_ref(card)
    );
    assert_eq!(sent(scene).await, before);
}

/// Soon, with proof, and once.
async fn goes_on_by_itself(scene: &Scene, card: &Card) {
    let code: Code = card.code.parse().expect("a code");
    let began = scene.clock.now();
    goes_on(scene, code).await;
    let took = scene.clock.now().since(began);
    assert!(took <= WITHIN, "it took {took:?}");
    scene
        .work_until("proven", async |scene| {
            let stands = scene.store.read(Stands(card.id.clone())).await.expect("records");
            stands.iter().all(|(stand, proof)| stand == "proven" && !proof.is_empty())
        })
        .await;
    each_once(scene).await;
}

/// Both orders go all the way, and the twin's auditors find each of their lines once at every stage.
async fn each_once(scene: &Scene) {
    scene.until_complete(2).await;
    let now = scene.twin_now();
    let report = audit(&scene.twin.books(), now);
    assert_eq!((&report.lost, &report.doubled), (&Vec::new(), &Vec::new()));
}

/// What became of the records of a card.
struct Stands(String);

impl Unit for Stands {
    type Output = Vec<(String, String)>;
    const NAME: &'static str = "stands_of_card";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        const STANDS: &str = "select stand, proof from exception_member where exception = $1 limit 100";
        let rows = tx.query(STANDS, params![self.0]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }
}

/// How often anything was refused so far.
async fn sent(scene: &Scene) -> i64 {
    struct Sent;
    impl Unit for Sent {
        type Output = i64;
        const NAME: &'static str = "attempts_refused";

        async fn run(&self, tx: &mut Tx<'_>) -> Result<i64, UnitError> {
            const SENT: &str = "select count(*) from attempt where outcome = 'refused'";
            tx.query_one(SENT, params![]).await?.get(0)
        }
    }
    scene.store.read(Sent).await.expect("attempts")
}
