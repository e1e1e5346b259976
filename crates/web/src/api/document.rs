//! The description of the API in OpenAPI 3.1: what the handlers say of themselves, and what is true of all of them.

use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    ContentBuilder, InfoBuilder, License, OpenApi, OpenApiBuilder, PathItem, Ref, RefOr, ResponseBuilder, ServerBuilder,
};
use utoipa::{PartialSchema, ToSchema};

use super::inside::Inside;
use super::problem::{Kind, Problem};
use super::{BASE, access::Right, examples};

/// What stands before the paths.
pub fn about() -> OpenApi {
    let rights: Vec<String> = Right::OF_TOKENS.map(|right| format!("`{right}`")).into();
    let info = InfoBuilder::new()
        .title("Tallyman")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(format!(
            "What stands still and why, what people do about it, and whether everything is accounted for.\n\n\
             Each request carries `Authorization: Bearer TOKEN`. A token has a name, under which the journal keeps what is done with it, \
             and rights: {}. `tallyman api token NAME` draws one for the configuration, and people make their own in the console. Instants are in UTC, money is a decimal text, and lists come in pages: \
             give back `next` as `after`. Answers to GET have an `ETag`. Unknown fields and parameters are refused. Errors are problem details after RFC 9457.",
            rights.join(", ")
        )))
        .license(Some(License::new("Apache-2.0")))
        .build();
    let tag = |name: &str, what: &str| TagBuilder::new().name(name).description(Some(what)).build();
    OpenApiBuilder::new()
        .info(info)
        .servers(Some([ServerBuilder::new().url(BASE).build()]))
        .tags(Some([
            tag("overview", "Whether everything is where it should be, and who is needed."),
            tag("cards", "One cause, with all that it stops, and what people do about it."),
            tag("mappings", "What their words mean in ours."),
            tag("outcomes", "Writes of which nobody can tell whether they were carried out."),
            tag("tally", "Whether everything that came is accounted for, and everything runs."),
            tag("journal", "Who did what, and whether anybody has altered the account of it."),
            tag("downloads", "Lists as sheets."),
            tag("connections", "How the outside systems stand, and what people hold."),
            tag("journeys", "The story of an order."),
            tag("handbook", "How a company works with Tallyman."),
            tag("alerts", "The ways to tell people."),
            tag(
                "people",
                "Who signs in, what they may, their tokens, and who stands in for them.",
            ),
            tag("document", "This description."),
        ]))
        .build()
}

/// With what is true of every operation: it needs a token, and these may go wrong.
pub fn completed(mut document: OpenApi) -> OpenApi {
    let components = document.components.get_or_insert_default();
    let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    components.add_security_scheme("token", SecurityScheme::Http(scheme));
    components.schemas.insert(Problem::name().into_owned(), Problem::schema());
    components.schemas.insert(Kind::name().into_owned(), Kind::schema());
    for item in document.paths.paths.values_mut() {
        if let Some(get) = &mut item.get {
            conditional(get);
        }
        for operation in operations(item) {
            complete(operation);
        }
    }
    document
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [
        &mut item.get,
        &mut item.put,
        &mut item.post,
        &mut item.delete,
        &mut item.patch,
    ]
    .into_iter()
    .flatten()
}

fn complete(operation: &mut Operation) {
    operation.security = Some(vec![SecurityRequirement::new::<&str, [&str; 0], &str>("token", [])]);
    let mut common = vec![
        ("400", "The request cannot be read as meant; the field is named"),
        ("401", "No token, or one that is not known"),
        ("403", "That is not allowed to whoever asks"),
        ("429", "More than one caller may ask for at a time"),
        ("500", "A fault of the program; its log says more"),
        ("503", "Not now: it starts, is too busy, or takes too long"),
    ];
    if operation.request_body.is_some() {
        common.push(("413", "The body is too large"));
    }
    let asks = |name: &str| {
        let mut parameters = operation.parameters.iter().flatten();
        parameters.any(|parameter| matches!(parameter, RefOr::T(its) if its.name == name))
    };
    if asks("company") {
        common.push(("404", "There is no such company, or the caller may not see it"));
    }
    if asks("person") {
        common.push(("422", "It was understood, and a rule refuses it: nobody has this id, say"));
    }
    for (status, description) in common {
        let example = match status {
            "400" => Some(examples::unreadable()),
            "403" => Some(examples::not_allowed()),
            _ => None,
        };
        let content = ContentBuilder::new()
            .schema(Some(Ref::from_schema_name(Problem::name())))
            .example(example)
            .build();
        let response = ResponseBuilder::new()
            .description(description)
            .content("application/problem+json", content)
            .build();
        operation
            .responses
            .responses
            .entry(status.to_owned())
            .or_insert(response.into());
    }
}

/// An answer to a GET has a name, and is not sent to whoever has it.
fn conditional(operation: &mut Operation) {
    let text = || ObjectBuilder::new().schema_type(Type::String).build();
    let parameter = ParameterBuilder::new()
        .name("If-None-Match")
        .parameter_in(ParameterIn::Header)
        .description(Some(
            "The `ETag` of an earlier answer: if it is the same now, the answer is 304 and has no body.",
        ))
        .schema(Some(text()))
        .build();
    operation.parameters.get_or_insert_default().push(parameter.into());
    let name = || {
        HeaderBuilder::new()
            .schema(Some(text()))
            .description(Some("Names this content"))
            .build()
    };
    if let Some(RefOr::T(response)) = operation.responses.responses.get_mut("200") {
        response.headers.insert("ETag".to_owned(), name().into());
    }
    let same = ResponseBuilder::new()
        .description("It is as it was")
        .header("ETag", name())
        .build();
    operation.responses.responses.insert("304".to_owned(), same.into());
}

/// Shows this description
#[utoipa::path(get, path = "/openapi.json", operation_id = "get_document", tag = "document",
    responses((status = 200, description = "OpenAPI 3.1", body = Object, example = json!({"openapi": "3.1.0"}))))]
pub async fn get(_: Inside) -> axum::Json<OpenApi> {
    axum::Json(super::document())
}
