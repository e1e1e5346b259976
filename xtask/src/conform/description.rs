//! A vendor's OpenAPI files: which operations there are, and what one exchange says against its own.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use anyhow::{Context, Result, anyhow, bail};
use jsonschema::Validator;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value;

use super::Finding;
use super::exchange::Exchange;
use super::query;
use super::schema::{self, PLACES, Use};

/// Where the described paths begin; what stands before it is the host's affair and differs between editions.
const BASE: &str = "/accounts/v1";
const VERBS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

pub struct Description {
    operations: Vec<Operation>,
}

/// One verb on one path.
struct Operation {
    verb: String,
    template: String,
    request: Option<Body>,
    /// Whether a request without a body is refused.
    request_required: bool,
    /// By status; `None` where the description says nothing of a body.
    answers: BTreeMap<u16, Option<Body>>,
}

/// A schema, and its validators for the uses it is put to, made when they are first needed.
struct Body {
    schema: Value,
    components: Rc<Value>,
    validators: BTreeMap<Use, OnceCell<Validator>>,
}

/// What one exchange came to.
pub struct Compared {
    pub operation: String,
    pub checks: usize,
    pub findings: Vec<Finding>,
}

impl Description {
    /// Reads every file of a folder. A path that several files describe is taken from the first.
    pub fn load(folder: &Path) -> Result<Self> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))? {
            let path = entry?.path();
            if path.extension().is_some_and(|ending| ending == "json") {
                names.push(path);
            }
        }
        names.sort();
        let mut files = Vec::new();
        for name in &names {
            let text = std::fs::read_to_string(name).with_context(|| format!("{} cannot be read", name.display()))?;
            // Some of these files begin with a byte order mark.
            let text = text.trim_start_matches('\u{feff}');
            files.push(serde_json::from_str(text).with_context(|| format!("{} is no JSON", name.display()))?);
        }
        Self::of(files)
    }

    pub fn of(files: Vec<Value>) -> Result<Self> {
        let mut operations: Vec<Operation> = Vec::new();
        for file in files {
            let components = Rc::new(file.get("components").cloned().unwrap_or_default());
            let paths = file
                .get("paths")
                .and_then(Value::as_object)
                .context("a description without paths")?;
            for (template, item) in paths {
                for verb in VERBS {
                    let Some(described) = item.get(verb) else { continue };
                    if operations.iter().any(|one| one.verb == verb && one.template == *template) {
                        continue;
                    }
                    operations.push(Operation::read(verb, template, described, &components));
                }
            }
        }
        if operations.is_empty() {
            bail!("the descriptions hold no operation");
        }
        Ok(Self { operations })
    }

    /// How many operations are described.
    pub fn len(&self) -> usize {
        self.operations.len()
    }

    /// Holds one exchange against the description.
    pub fn compare(&self, exchange: &Exchange) -> Result<Compared> {
        let path = exchange
            .path
            .split_once(BASE)
            .map_or(exchange.path.as_str(), |(_, rest)| rest);
        let verb = exchange.method.to_ascii_lowercase();
        let mut same_path: Vec<&Operation> = self.operations.iter().filter(|one| matches(&one.template, path)).collect();
        // A path that is spelt out goes before one with a placeholder in its place.
        same_path.sort_by_key(|one| one.template.matches('{').count());
        let Some(operation) = same_path.iter().find(|one| one.verb == verb) else {
            let named = format!("{} {path}", exchange.method);
            let (kind, detail) = match same_path.first() {
                None => ("unknown", "no such path is described".to_owned()),
                Some(one) => ("verb", format!("{} is described, but not with this verb", one.template)),
            };
            let finding = Finding {
                operation: named.clone(),
                side: "path",
                kind: kind.to_owned(),
                property: String::new(),
                value: String::new(),
                detail,
            };
            return Ok(Compared {
                operation: named,
                checks: 1,
                findings: vec![finding],
            });
        };
        operation.compare(exchange)
    }
}

/// Whether a path is one of a template, segment by segment.
fn matches(template: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (
        template.trim_end_matches('/').split('/'),
        path.trim_end_matches('/').split('/'),
    );
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(wanted), Some(given)) if wanted == given || (wanted.starts_with('{') && !given.is_empty()) => {}
            _ => return false,
        }
    }
}

impl Operation {
    fn read(verb: &str, template: &str, described: &Value, components: &Rc<Value>) -> Self {
        let body = |holder: &Value| {
            let schema = holder.get("content")?.get("application/json")?.get("schema")?;
            Some(Body::new(schema.clone(), Rc::clone(components)))
        };
        let request = described.get("requestBody");
        let answers = described.get("responses").and_then(Value::as_object);
        Self {
            verb: verb.to_owned(),
            template: template.to_owned(),
            request: request.and_then(body),
            request_required: request.and_then(|request| request.get("required")) == Some(&Value::Bool(true)),
            answers: answers
                .into_iter()
                .flatten()
                .filter_map(|(status, answer)| Some((status.parse().ok()?, body(answer))))
                .collect(),
        }
    }

    fn name(&self) -> String {
        format!("{} {}", self.verb.to_ascii_uppercase(), self.template)
    }

    fn compare(&self, exchange: &Exchange) -> Result<Compared> {
        let mut checks = 1;
        let mut findings = Vec::new();
        let mut find = |side: &'static str, kind: &str, property: String, value: String, detail: String| {
            findings.push(Finding {
                operation: self.name(),
                side,
                kind: kind.to_owned(),
                property,
                value,
                detail,
            });
        };

        for term in query::terms(&exchange.query) {
            checks += 1;
            if !term.known {
                find(
                    "query",
                    "option",
                    term.option.clone(),
                    String::new(),
                    format!("Sage has no option {}", term.option),
                );
            }
            for field in &term.fields {
                checks += 1;
                let answer = self.answers.get(&200).and_then(Option::as_ref);
                if answer.is_some_and(|answer| !answer.has(field)) {
                    let field = field.join(".");
                    find(
                        "query",
                        &term.option,
                        field.clone(),
                        String::new(),
                        format!("the answer has no field {field}"),
                    );
                }
            }
        }

        match (&self.request, &exchange.request_body) {
            (Some(body), Some(sent)) => {
                checks += 1;
                let how = if self.verb == "post" { Use::Create } else { Use::Update };
                for (kind, property, value, detail) in body.faults(sent, how)? {
                    find("request", &kind, property, value, detail);
                }
            }
            (None, Some(_)) => find(
                "request",
                "body",
                String::new(),
                String::new(),
                "no body is described".to_owned(),
            ),
            (Some(_), None) if self.request_required => {
                find(
                    "request",
                    "body",
                    String::new(),
                    String::new(),
                    "a body is required and none was sent".to_owned(),
                );
            }
            (_, None) => {}
        }

        checks += 1;
        match (self.answers.get(&exchange.status), &exchange.response_body) {
            (None, _) => {
                let status = exchange.status.to_string();
                find(
                    "response",
                    "status",
                    status.clone(),
                    String::new(),
                    format!("{status} is not described"),
                );
            }
            (Some(Some(body)), Some(answer)) => {
                let selected = query::terms(&exchange.query).iter().any(|term| term.option == "$select");
                for (kind, property, value, detail) in body.faults(answer, if selected { Use::Selected } else { Use::Answer })? {
                    find("response", &kind, property, value, detail);
                }
            }
            (Some(Some(_)), None) => find(
                "response",
                "body",
                String::new(),
                String::new(),
                "a body is described and none came".to_owned(),
            ),
            // What is said of a refusal's body is said in words only; and a body more than described is none of the caller's trouble.
            (Some(None), _) => {}
        }
        Ok(Compared {
            operation: self.name(),
            checks,
            findings,
        })
    }
}

/// Kind, property, value at fault, and a sentence.
type Fault = (String, String, String, String);

impl Body {
    fn new(schema: Value, components: Rc<Value>) -> Self {
        let validators = [Use::Create, Use::Update, Use::Answer, Use::Selected].map(|how| (how, OnceCell::new()));
        Self {
            schema,
            components,
            validators: validators.into(),
        }
    }

    /// Everything in which a value differs from the schema.
    fn faults(&self, value: &Value, how: Use) -> Result<Vec<Fault>> {
        let cell = self.validators.get(&how).context("every use has its place")?;
        if cell.get().is_none() {
            let made = schema::compile(&self.schema, &self.components, how)
                .map_err(|error| anyhow!("a schema cannot be used: {error}"))?;
            // Nobody else can have set it: there is one thread.
            let _ = cell.set(made);
        }
        let validator = cell.get().context("the validator was just made")?;
        Ok(validator.iter_errors(value).flat_map(|error| faults_of(&error)).collect())
    }

    /// Whether objects of this schema have this field, children included.
    fn has(&self, field: &[String]) -> bool {
        let mut schemas = vec![&self.schema];
        for part in field {
            let mut next = Vec::new();
            let mut seen = Vec::new();
            while let Some(schema) = schemas.pop() {
                // A schema may contain itself.
                if seen.iter().any(|one| std::ptr::eq(*one, schema)) {
                    continue;
                }
                seen.push(schema);
                if let Some(target) = schema.get("$ref").and_then(Value::as_str).and_then(|name| self.named(name)) {
                    schemas.push(target);
                }
                schemas.extend(schema.get("items"));
                schemas.extend(
                    ["allOf", "anyOf", "oneOf"]
                        .iter()
                        .filter_map(|word| schema.get(*word))
                        .filter_map(Value::as_array)
                        .flatten(),
                );
                next.extend(schema.get("properties").and_then(|properties| properties.get(part)));
            }
            if next.is_empty() {
                return false;
            }
            schemas = next;
        }
        true
    }

    fn named(&self, reference: &str) -> Option<&Value> {
        self.components.pointer(reference.strip_prefix("#/components")?)
    }
}

fn faults_of(error: &jsonschema::ValidationError<'_>) -> Vec<Fault> {
    let at = property(error.instance_path().as_str());
    let text = error.instance().as_str().unwrap_or_default().to_owned();
    let under = |name: &str| {
        if at.is_empty() {
            name.to_owned()
        } else {
            format!("{at}.{name}")
        }
    };
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => unexpected
            .iter()
            .map(|name| {
                (
                    "unknown".to_owned(),
                    under(name),
                    String::new(),
                    format!("{name} is not described"),
                )
            })
            .collect(),
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            vec![(
                "required".to_owned(),
                under(name),
                String::new(),
                format!("{name} is required and missing"),
            )]
        }
        // The only `not` that we write is the one for what may not travel in this direction.
        ValidationErrorKind::Not { .. } => {
            vec![(
                "readOnly".to_owned(),
                at,
                text,
                "it is described as going the other way only".to_owned(),
            )]
        }
        ValidationErrorKind::Custom { .. } => vec![(PLACES.to_owned(), at, text, error.to_string())],
        kind => vec![(kind.keyword().to_owned(), at, text, error.to_string())],
    }
}

/// `/lines/3/code` as `lines[].code`: every row of a list is the same property.
fn property(pointer: &str) -> String {
    let mut out = String::new();
    for part in pointer.split('/').skip(1) {
        if part.bytes().all(|byte| byte.is_ascii_digit()) {
            out.push_str("[]");
        } else {
            if !out.is_empty() {
                out.push('.');
            }
            out.push_str(&part.replace("~1", "/").replace("~0", "~"));
        }
    }
    out
}
