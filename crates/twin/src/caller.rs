//! Whose account a call is made with: for counting only, so what is wrong or has expired still counts.

use bytes::Bytes;
use serde_json::Value;

use crate::fate::Party;
use crate::settings::Company;

/// The number of the company, as far as the call says it. `owner` knows whose a token of Virtualstock was.
pub fn of(
    party: Party,
    request: &http::Request<Bytes>,
    companies: &[Company],
    owner: impl Fn(&str) -> Option<u32>,
) -> Option<u32> {
    let header = |name: &str| request.headers().get(name)?.to_str().ok();
    let known = |is: &dyn Fn(&Company) -> bool| companies.iter().find(|company| is(company)).map(|company| company.number);
    match party {
        Party::Sage => header("x-company")?.parse().ok(),
        Party::SageId => {
            let form = std::str::from_utf8(request.body()).ok()?;
            let client = form.split('&').find_map(|field| field.strip_prefix("client_id="))?;
            known(&|company| company.sage_client_id == client)
        }
        Party::Mintsoft => {
            let key = header("ms-apikey")?;
            known(&|company| company.mintsoft_api_key == key)
        }
        Party::Virtualstock => match header("authorization").and_then(|value| value.strip_prefix("Bearer ")) {
            Some(token) => owner(token),
            None => {
                let body: Value = serde_json::from_slice(request.body()).ok()?;
                match (body["username"].as_str(), body["refresh"].as_str()) {
                    (Some(user), _) => known(&|company| company.virtualstock_user == user),
                    (None, Some(token)) => owner(token),
                    (None, None) => None,
                }
            }
        },
    }
}

/// What counts the calls of one company to one system; both doors of Sage are one.
pub fn connection(party: Party, company: Option<u32>) -> String {
    let system = match party {
        Party::Sage | Party::SageId => "sage",
        Party::Mintsoft => "mintsoft",
        Party::Virtualstock => "virtualstock",
    };
    match company {
        Some(number) => format!("{system}-{number}"),
        None => format!("{system}-unknown"),
    }
}
