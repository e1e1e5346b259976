//! Unpacks and parses the data. It was checked when it was packed, so a fault in it is a fault of the build.

use std::collections::BTreeMap;
use std::io::Read;

use super::{Invoice, Row};

const PACKED: &[u8] = include_bytes!("../../data/online-retail.csv.gz");

fn unpacked() -> Vec<u8> {
    let mut csv = Vec::with_capacity(18 << 20);
    flate2::read::GzDecoder::new(PACKED)
        .read_to_end(&mut csv)
        .expect("the retail data unpacks");
    csv
}

pub(super) fn invoices() -> Vec<Invoice> {
    let mut invoices: Vec<Invoice> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let csv = unpacked();
    let mut reader = csv::Reader::from_reader(csv.as_slice());
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).expect("the retail data is CSV in UTF-8") {
        let [number, code, name, quantity, placed, price, _customer, country] =
            std::array::from_fn(|column| record.get(column).expect("the retail data has eight columns"));
        let place = match invoices.last() {
            // Nearly always the invoice of the row before.
            Some(last) if last.number == number => invoices.len() - 1,
            _ => *places.entry(number.to_owned()).or_insert_with(|| {
                invoices.push(Invoice {
                    number: number.to_owned(),
                    placed: jiff::civil::DateTime::strptime("%Y-%m-%d %H:%M", placed).expect("the retail data's dates are whole"),
                    country: country.to_owned(),
                    rows: Vec::new(),
                });
                invoices.len() - 1
            }),
        };
        invoices[place].rows.push(Row {
            code: code.to_owned(),
            name: name.trim().to_owned(),
            quantity: quantity.parse().expect("the retail data's quantities are whole numbers"),
            price: price.parse().expect("the retail data's prices are decimals"),
        });
    }
    invoices
}

#[cfg(test)]
mod tests {
    use sha2::Digest;

    #[test]
    fn the_packed_data_is_the_published_data() {
        let digest: String = sha2::Sha256::digest(super::unpacked())
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(digest, "c679f77d1161074b4ff0c7f2c77e17d544bf91d4734d14aa3e95a09c583baa82");
    }
}
