//! Temporary measure.
use std::time::Instant;

use super::caller::{ALL, Api};
use tallyman_core::cause::Cause;
use tallyman_core::finding::Code;
use tallyman_core::time::Timestamp;
use tallyman_store::tables::exceptions::{self, Kept};
use tallyman_store::{Tx, Unit, UnitError};
use tallyman_tests::scene::{Scene, play, settings};

struct Put(u32, &'static str, u32);
impl Unit for Put {
    type Output = ();
    const NAME: &'static str = "put";
    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        let kept = Kept::without_sentence(Code::SkuUnknown, Cause::Item(self.1.into()));
        for n in 0..self.2 {
            let journey = format!("J{:09}", self.0 * self.2 + n);
            exceptions::join(
                tx,
                "trader-1",
                (&journey, ""),
                &kept,
                exceptions::SEEN_ALL,
                Timestamp::from_micros(1),
            )
            .await?;
        }
        Ok(())
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a measure")]
fn big() {
    play(async {
        let scene = Scene::new(settings());
        let api = Api::of(&scene).await;
        scene.store.write(Put(0, "SMALL", 3)).await.unwrap();
        let began = Instant::now();
        for n in 0..100 {
            scene.store.write(Put(n, "BIG", 1000)).await.unwrap();
        }
        eprintln!("joined in {:?}", began.elapsed());
        let began = Instant::now();
        tallyman_engine::weigh::round(&scene.store, "trader-1", Timestamp::from_micros(2))
            .await
            .unwrap();
        eprintln!("weighed in {:?}", began.elapsed());
        let began = Instant::now();
        let list = api.get(ALL, "/cards").await.ok();
        eprintln!("list {:?}", began.elapsed());
        for card in list["cards"].as_array().unwrap() {
            let id = card["id"].as_str().unwrap();
            eprintln!("card of {}", card["weight"]["stopped"]);
            let mut times = vec![];
            for _ in 0..20 {
                let began = Instant::now();
                api.get(ALL, &format!("/cards/{id}")).await.ok();
                times.push(began.elapsed());
            }
            times.sort();
            eprintln!("  get median {:?}", times[10]);
            for place in ["", "J000050000", "J000099700"] {
                let after = if place.is_empty() {
                    String::new()
                } else {
                    format!("&after={}", data(place))
                };
                let mut times = vec![];
                for _ in 0..20 {
                    let began = Instant::now();
                    api.get(ALL, &format!("/cards/{id}/members?limit=200{after}")).await.ok();
                    times.push(began.elapsed());
                }
                times.sort();
                eprintln!("  members after {place} median {:?}", times[10]);
            }
        }
        let began = Instant::now();
        api.get(ALL, "/summary").await.ok();
        eprintln!("summary {:?}", began.elapsed());
    });
}

fn data(journey: &str) -> String {
    // ["J...",""] in base64url
    let text = format!("[\"{journey}\",\"\"]");
    let table = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut out = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let mut n = 0u32;
        for i in 0..3 {
            n = n << 8 | u32::from(*chunk.get(i).unwrap_or(&0));
        }
        for i in 0..=chunk.len() {
            out.push(char::from(table[(n >> (18 - 6 * i) & 63) as usize]));
        }
    }
    out
}
