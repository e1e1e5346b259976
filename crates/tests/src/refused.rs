//! A release that the warehouse refused, and that only a person sends again: for a service that the warehouse does not have. What the service
//! means has been put right since.

use tallyman_core::mapping::{Cell, Table};

use crate::scene::{Scene, settings};

/// What the warehouse has for the retailer's services.
const SERVICES: [(&str, &str); 2] = [("standard", "12"), ("next-day", "21")];
const NO_SERVICE: &str = "999999";

/// A day with one order at each merchant, in one parcel.
pub fn one_order() -> tallyman_twin::settings::Settings {
    let mut settings = settings();
    settings.orders.count = 1;
    settings.faults.split_shipment = 0;
    settings
}

/// Lets the first merchant's release be refused, while the other's order goes all its way.
pub async fn refused(scene: &Scene) {
    scene.parts("founder").await;
    let service = |theirs| Cell::new(Table::CarrierOut, "virtualstock-1", theirs);
    for (theirs, _) in SERVICES {
        scene.map(&service(theirs), Some(NO_SERVICE)).await;
    }
    scene
        .work_until("refused", async |scene| {
            scene.status().await.effects.get("parked") == Some(&1) && scene.stands("complete").await == 1
        })
        .await;
    for (theirs, ours) in SERVICES {
        scene.map(&service(theirs), Some(ours)).await;
    }
}

/// Calls by which an order is released, of both merchants.
pub fn releases(scene: &Scene) -> u64 {
    scene.twin.calls().by_path["PUT /mintsoft/api/Order"]
}

/// The first merchant's orders in the warehouse.
pub fn in_the_warehouse(scene: &Scene) -> usize {
    let books = scene.twin.books();
    books.mintsoft.books.orders.values().filter(|order| order.client == 1).count()
}

/// The retailer's number of the first merchant's order.
pub fn number(scene: &Scene) -> String {
    let books = scene.twin.books();
    let mut orders = books.virtualstock.books.orders.values();
    let order = orders.find(|order| order.company == 1).expect("an order");
    order.order_reference.clone()
}
