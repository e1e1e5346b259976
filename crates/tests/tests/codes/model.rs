//! What the operating model does not allow.

use tallyman_core::access::Right;
use tallyman_core::cause::Cause;
use tallyman_core::finding::Code;
use tallyman_core::mastership::{Master, Model, Thing};
use tallyman_engine::answer::{self, Answer, Said};
use tallyman_tests::leave::leave;
use tallyman_tests::scene::{Members, Scene, play, settings};

/// The model is changed behind a running program: the ledger masters when goods have left, and we would book it there.
pub fn master_unclear() {
    play(async {
        let mut scene = Scene::new(settings());
        scene.masters = Model::default().with(Thing::DespatchMoment, Master::Ledger);
        scene
            .work_until("forbidden", async |scene| scene.cards(Code::MasterUnclear).await.len() == 2)
            .await;
        for card in scene.cards(Code::MasterUnclear).await {
            assert_eq!(card.cause, Cause::Flow("ledger.despatch".into()));
            let said = scene.said(&card).await;
            assert!(said.contains("despatch-moment") && said.contains("ledger"), "{said}");
        }
        // Nothing was posted, and nothing is once the model is put right until somebody says so.
        let posted = |scene: &Scene| {
            scene
                .twin
                .books()
                .sage
                .books
                .orders
                .values()
                .any(|order| order.lines.iter().any(|line| !line.despatched.is_zero()))
        };
        assert!(!posted(&scene));
        scene.masters = Model::default();
        for card in scene.cards(Code::MasterUnclear).await {
            let members = scene.store.read(Members { card: card.id.clone() }).await.expect("members");
            let parts = scene.parts("somebody").await;
            let permit = leave("integrator", Right::Answer, &card.company);
            let said = Said {
                permit: &permit,
                reason: "the model is put right",
            };
            for member in members {
                let again = answer::answer(
                    &parts.store,
                    &parts.vault,
                    &*parts.clock,
                    &member.effect,
                    Answer::Again,
                    &said,
                );
                again.await.expect("answered");
            }
        }
        scene.until_complete(2).await;
        assert!(posted(&scene) && scene.cards(Code::MasterUnclear).await.is_empty());
    });
}
