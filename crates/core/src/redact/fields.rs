//! Names of fields whose content is a secret or somebody's. Compared without case and without what is no letter or digit, so that
//! `shipping_address`, `ShippingAddress` and `shippingAddress` are one.

/// What the name of a field says of its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// It opens a door.
    Secret,
    /// A text about a person.
    Personal,
    /// An object about a person: the plainest names in it are theirs.
    Person,
}

const SECRETS: [&str; 14] = [
    "accesstoken",
    "refreshtoken",
    "idtoken",
    "token",
    "access",
    "refresh",
    "password",
    "secret",
    "clientsecret",
    "apikey",
    "msapikey",
    "authorization",
    "subscriptionkey",
    "ocpapimsubscriptionkey",
];

const PERSONS: [&str; 16] = [
    "shippingaddress",
    "billingaddress",
    "deliveryaddress",
    "invoiceaddress",
    "address",
    "addresses",
    "postaladdress",
    "deliveraddress",
    "recipient",
    "consignee",
    "contact",
    "contacts",
    "customeraddress",
    "returnaddress",
    "enduser",
    "purchaser",
];

const PERSONAL: [&str; 58] = [
    "fullname",
    "firstname",
    "lastname",
    "surname",
    "forename",
    "middlename",
    "title",
    "postalname",
    "contactname",
    "customername",
    "deliveryname",
    "recipientname",
    "companyname",
    "line1",
    "line2",
    "line3",
    "line4",
    "line5",
    "addressline1",
    "addressline2",
    "addressline3",
    "addressline4",
    "address1",
    "address2",
    "address3",
    "address4",
    "address5",
    "street",
    "housenumber",
    "town",
    "city",
    "county",
    "state",
    "region",
    "postcode",
    "postalcode",
    "zip",
    "zipcode",
    "email",
    "emailaddress",
    "phone",
    "phonenumber",
    "telephone",
    "telephonenumber",
    "telephoneareacode",
    "telephonesubscribernumber",
    "mobile",
    "mobilenumber",
    "fax",
    "faxnumber",
    "deliverynotes",
    "deliveryinstructions",
    "specialinstructions",
    "giftmessage",
    "giftmessages",
    "customercomments",
    "customernotes",
    "dateofbirth",
];

/// Personal inside of a person only: elsewhere an item and a warehouse have them, too.
const INSIDE: [&str; 8] = [
    "name",
    "company",
    "notes",
    "comments",
    "details",
    "description",
    "value",
    "text",
];

/// Not a person's, although it stands inside of one.
const OTHERS: [&str; 6] = ["country", "countrycode", "countryid", "items", "lines", "orderitems"];

fn normal(name: &str) -> String {
    name.chars()
        .filter(|letter| letter.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

pub(super) fn is_other(name: &str) -> bool {
    OTHERS.contains(&normal(name).as_str())
}

pub(super) fn class(name: &str, of_a_person: bool) -> Option<Class> {
    let name = normal(name);
    let name = name.as_str();
    if SECRETS.contains(&name) {
        Some(Class::Secret)
    } else if PERSONS.contains(&name) {
        Some(Class::Person)
    } else if PERSONAL.contains(&name) || (of_a_person && INSIDE.contains(&name)) {
        Some(Class::Personal)
    } else {
        None
    }
}
